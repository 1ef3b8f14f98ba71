import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Repository } from '../../docs/site/links.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

export const repository: Repository = {
  has: (path) => existsSync(`${root}${path}`),
  read: (path) => readFileSync(`${root}${path}`, 'utf8'),
};

/** Every file that belongs to the project, also one that isn't committed yet. */
export const files: readonly string[] = execFileSync(
  'git',
  ['ls-files', '--cached', '--others', '--exclude-standard'],
  { cwd: root, encoding: 'utf8' },
)
  .split('\n')
  .filter((path) => path !== '' && repository.has(path));

/** Every page for people: what the partner's page was is no page of ours. */
export const pages = files.filter((path) => path.endsWith('.md') && !path.startsWith('test/'));
