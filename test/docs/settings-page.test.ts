import { describe, expect, test } from '@jest/globals';
import { settingsPage } from '../../docs/site/settings-page.js';
import { schema, SECRETS } from '../../src/config/schema.js';
import { repository } from './repository.js';

const example = repository.read('.env.example');

describe('the page of every setting', () => {
  test('is what the schema says now: npm run docs:settings', () => {
    expect(repository.read('docs/settings.md')).toBe(settingsPage(example));
  });

  const sections = new Map(
    settingsPage(example)
      .split(/^### /m)
      .slice(1)
      .map((section) => [section.slice(0, section.indexOf('\n')), section]),
  );

  test('has a heading for each, once', () => {
    expect([...sections.keys()].sort()).toEqual(Object.keys(schema.shape).sort());
  });

  test('says of each what it is by default, what it takes, and which may stand in a file', () => {
    expect(sections.get('SILENCE_AFTER')).toContain('Default: `1d`');
    expect(sections.get('PORT')).toContain('Default: `3000`');
    expect(sections.get('TOO_LATE')).toContain('Default: `on`');
    expect(sections.get('PARTNER_API_URL')).toContain('Default: none');
    expect(sections.get('RESULTS_RELEASE')).toContain('Takes `available`, `reviewed`, `available_unless_flagged`');
    expect(sections.get('RESULTS_RELEASE')).toContain('Can be rehearsed');
    expect(sections.get('PUBLIC_URL')).toContain('In production must be set and begin with https://');
    const secret = [...sections].filter(([, text]) => text.includes('Secret: ')).map(([name]) => name);
    expect(secret.sort()).toEqual([...SECRETS].sort());
  });

  test('isn’t made where .env.example says nothing of one', () => {
    expect(() => settingsPage(example.replace(/^# ALERT_EMAIL=.*$/m, ''))).toThrow('nothing of ALERT_EMAIL');
  });
});
