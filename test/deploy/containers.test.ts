import { describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { readSettings } from '../../src/config.js';
import { schema, SECRETS } from '../../src/config/schema.js';

/** Read as text and as YAML: there is no container engine where the tests run. */
const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

interface Service {
  readonly image: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly configs?: readonly { readonly source: string }[];
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean };
  readonly read_only?: boolean;
}

describe('docker-compose.yml', () => {
  const text = read('docker-compose.yml');
  const compose = parse(text, { merge: true }) as {
    readonly services: Readonly<Record<string, Service>>;
    readonly configs: Readonly<Record<string, unknown>>;
  };
  const services = Object.entries(compose.services);
  const ours = services.filter(([, { image }]) => image === 'kit-herald');

  test('runs the parts of kit-herald apart, and what they stand on', () => {
    expect(ours.map(([name, { command }]) => [name, command])).toEqual([
      ['migrate', ['migrate']],
      ['receiver', ['receiver']],
      ['worker', ['worker']],
    ]);
    expect(services.map(([name]) => name)).toEqual(
      expect.arrayContaining([
        'database',
        'temporal-database',
        'temporal-schema',
        'temporal',
        'temporal-namespace',
        'temporal-ui',
        'mailpit',
      ]),
    );
  });

  test('pins the versions of others’ images, and takes Temporal’s server and its tools from one release', () => {
    const images = services.map(([, { image }]) => image).filter((image) => image !== 'kit-herald');
    for (const image of images) expect(image).toMatch(/:v?\d+[\w.-]*$/);
    expect(
      new Set(
        images.filter((image) => /^temporalio\/(server|admin-tools):/.test(image)).map((image) => image.split(':')[1]),
      ),
    ).toEqual(new Set(['1.32.0']));
    expect(text).not.toContain('auto-setup');
  });

  test('has no secret, and none with a default: without one it says so', () => {
    const secrets = services.flatMap(([, { environment = {} }]) =>
      Object.entries(environment).filter(([name]) => /PASSWORD|PWD|SECRET|TOKEN|_KEYS?$/.test(name)),
    );
    expect(secrets.length).toBeGreaterThan(8);
    for (const [, value] of secrets) expect(value).toMatch(/^\$\{[A-Z0-9_]+:\?[^}]+\}$/);
    const urls = services.flatMap(([, { environment = {} }]) =>
      Object.values(environment).filter((value) => /:\/\/[^/]*:[^/]*@/.test(value)),
    );
    expect(urls.length).toBeGreaterThan(0);
    for (const url of urls) expect(url).toMatch(/:\/\/\w+:\$\{[A-Z0-9_]+:\?[^}]+\}@/);
    for (const name of SECRETS) expect(text).not.toContain(`\${${name}:-`);
  });

  test('its head makes every secret that it asks for', () => {
    const asked = new Set([...text.matchAll(/\$\{([A-Z0-9_]+):\?/g)].map(([, name = '']) => name));
    const head = text.slice(0, text.indexOf('x-kit-herald'));
    for (const name of asked) expect(head).toMatch(new RegExp(`\\b${name}\\b`));
  });

  test('gives kit-herald settings that there are, and that it takes', () => {
    const secrets: Record<string, string> = {
      ENCRYPTION_KEYS: `try:${randomBytes(32).toString('base64')}`,
      INDEX_KEYS: `try-index:${randomBytes(32).toString('base64')}`,
    };
    const given = (value: string) =>
      value.replace(/\$\{([A-Z0-9_]+):([?-])([^}]*)\}/g, (_, name: string, kind: string, word: string) =>
        kind === '-' ? word : (secrets[name] ?? 'b8f09c1d2e3a47566574a3e2d1c90f8b'),
      );
    for (const [, { environment = {} }] of ours) {
      const { HEALTH_PORT: _, ...env } = environment;
      expect(Object.keys(env).filter((name) => !(name in schema.shape))).toEqual([]);
      const settings = readSettings(
        Object.fromEntries(Object.entries(env).map(([name, value]) => [name, given(value)])),
      );
      expect(settings).toMatchObject({ temporalAddress: 'temporal:7233', smtpUrl: 'smtp://mailpit:1025' });
    }
  });

  test('waits for what is there: schema, server, namespace, migration', () => {
    for (const [, { depends_on = {}, configs = [] }] of services) {
      for (const [name, { condition }] of Object.entries(depends_on)) {
        const on = compose.services[name];
        expect(on).toBeDefined();
        if (condition === 'service_healthy') expect(on?.healthcheck?.test).toBeDefined();
      }
      for (const { source } of configs) expect(compose.configs[source]).toBeDefined();
    }
    const before = (name: string) => Object.keys(compose.services[name]?.depends_on ?? {});
    expect(before('worker')).toEqual(['migrate', 'temporal-namespace']);
    expect([before('temporal-namespace'), before('temporal'), before('temporal-schema')].flat()).toEqual([
      'temporal',
      'temporal-schema',
      'temporal-database',
    ]);
  });

  test('lets kit-herald write to DATA_DIR and /tmp only', () => {
    for (const [, service] of ours) expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'] });
  });
});

describe('the Dockerfile', () => {
  const text = read('Dockerfile').replace(/\\\n\s*/g, '');
  const last = text.slice(text.lastIndexOf('\nFROM ')).trim().split('\n');

  test('runs nothing in its last stage, and ends as a user without rights, told by number', () => {
    expect(last.filter((line) => line.startsWith('RUN'))).toEqual([]);
    expect(last).toContain('USER 1000:1000');
    expect(text.match(/^FROM \S+/gm)).toHaveLength(3);
    expect(new Set(text.match(/^FROM \S+/gm)).size).toBe(1);
  });

  test('needs no shell to start and to look at its health', () => {
    for (const [instruction, start] of [
      ['ENTRYPOINT ', 0],
      ['CMD ', 0],
      ['HEALTHCHECK ', -1],
    ] as const) {
      const line = last.find((one) => one.startsWith(instruction)) ?? '';
      const json = line.slice(line.indexOf('['));
      const words = JSON.parse(json) as string[];
      expect(words.length).toBeGreaterThan(0);
      expect(start === 0 ? line.indexOf('[') : line.indexOf('CMD [')).toBeGreaterThan(0);
    }
  });
});
