import { beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { schema } from '../../src/config/schema.js';
import { otherSpelling } from '../../src/config/secret-files.js';
import { pages } from '../docs/repository.js';
import { spawnHerald } from '../support/app.js';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const page = read('docs/production.md');

/** Every page of the documentation: what it tells somebody to type must be there. */
const documentation = pages.filter((path) => path.startsWith('docs/') || path === 'README.md');

/** Everything in fences and in backticks, a command over several lines as one, without what stands behind it. */
const codeOf = (text: string): string[] =>
  [...text.matchAll(/^```\w*\n(.*?)^```|`([^`\n]+)`/gms)]
    .map(([, block, word]) => block ?? word ?? '')
    .join('\n')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .map((line) => line.replace(/ +#.*$/, ''));

/** Each `kit-herald …` as its words; where a page lists several (`retry｜skip`) it is none to type. */
const commands = documentation.flatMap((path) =>
  codeOf(read(path)).flatMap((line) =>
    [...line.matchAll(/(?:^|\s)kit-herald ([a-z][^`，,;]*)$/g)]
      .map(([, rest = '']) => rest.split(/\s+/))
      .filter(([command = '', sub = '']) => !`${command}${sub}`.includes('｜')),
  ),
);

describe('the documentation', () => {
  const helps = new Map<string, string>();
  const pathOf = (words: readonly string[]): string => {
    const [command = '', sub = ''] = words;
    return GROUPS.has(command) ? `${command} ${sub}` : command;
  };
  const GROUPS = new Set(['users', 'keys', 'webhooks', 'staff', 'kits', 'orders']);
  const help = async (path: string): Promise<string> => {
    const { exited, output } = spawnHerald([...path.split(' '), '--help'], { NO_COLOR: '1' });
    await exited;
    return output();
  };

  beforeAll(async () => {
    const paths = [...new Set(commands.map(pathOf))];
    for (const path of paths) helps.set(path, await help(path));
  }, 120_000);

  test('names only commands that there are', () => {
    expect(commands.length).toBeGreaterThan(80);
    const strange = [...helps].filter(([path, said]) => !said.startsWith(`Usage: kit-herald ${path}`));
    expect(strange.map(([path]) => path)).toEqual([]);
  });

  test('names only flags that these have', () => {
    const strange = commands.flatMap((words) => {
      const known = helps.get(pathOf(words)) ?? '';
      return words
        .filter((word) => word.startsWith('--') && !new RegExp(`(^|[ ,])${word}\\b`, 'm').test(known))
        .map((word) => `${words.join(' ')}: ${word}`);
    });
    expect(strange).toEqual([]);
  });

  test('names only settings that there are, ours or the SDK’s', () => {
    const sdk =
      read('node_modules/@temporalio/envconfig/lib/envconfig-toml.js') +
      read('node_modules/@temporalio/envconfig/lib/envconfig.js');
    const named = new Set(page.match(/\b[A-Z][A-Z0-9]*(_[A-Z0-9]+)+\b/g));
    // What stands for any of them.
    named.delete('NAME_FILE');
    expect(named.size).toBeGreaterThan(30);
    const strange = [...named].filter(
      (name) =>
        !(name in schema.shape) &&
        otherSpelling(name) === null &&
        !(name.startsWith('TEMPORAL_') && sdk.includes(`'${name}'`)),
    );
    expect(strange).toEqual([]);
  });

  test('says of each event what the mail providers’ routes are called', () => {
    for (const route of ['/email/events/ses', '/email/events/postmark', '/webhooks/c4hxp', '/readyz'])
      expect(page).toContain(route);
  });
});

describe('each systemd unit', () => {
  const folder = new URL('deploy/systemd/', root);
  const units = readdirSync(folder).map((name): [string, string] => [
    name,
    readFileSync(new URL(name, folder), 'utf8'),
  ]);

  test.each(units)('%s starts a role of that name, and not again where something has to be mended', (name, unit) => {
    const [, role = ''] = /^kit-herald-(\w+)\.service$/.exec(name) ?? [];
    expect(['receiver', 'worker']).toContain(role);
    const [, script = '', command] = /^ExecStart=\/usr\/bin\/node .* \/opt\/kit-herald\/(\S+) (\w+)$/m.exec(unit) ?? [];
    expect(command).toBe(role);
    expect(existsSync(fileURLToPath(new URL(script, root)))).toBe(true);
    expect(unit).toMatch(/^RestartPreventExitStatus=2$/m);
  });

  test.each(units)('%s gives the process nothing but its own folder', (_, unit) => {
    for (const line of [
      'User=kit-herald',
      'StateDirectory=kit-herald',
      'ProtectSystem=strict',
      'NoNewPrivileges=yes',
      'CapabilityBoundingSet=',
    ])
      expect(unit.split('\n')).toContain(line);
  });

  test('both on one machine have no port in common', () => {
    const said = units.map(([, unit]) => /^Environment=METRICS_PORT=(\d+)$/m.exec(unit)?.[1] ?? '9464');
    expect(new Set(said).size).toBe(units.length);
  });
});
