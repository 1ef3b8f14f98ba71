import { readFileSync, writeFileSync } from 'node:fs';
import { settingsPage } from './settings-page.js';

/** `npm run docs:settings`: docs/settings.md, anew. */
writeFileSync('docs/settings.md', settingsPage(readFileSync('.env.example', 'utf8')));
