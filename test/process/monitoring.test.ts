import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { startDatabases, type TestDatabases } from '../support/databases.js';
import { promtool, promtoolMissing } from '../support/promtool.js';
import { everyMetric, scrape, type Scrape } from '../support/scrape.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string): string => readFileSync(`${root}${path}`, 'utf8');

interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}
const rules = (parse(read('deploy/monitoring/alerts.yml')) as { groups: { rules: Rule[] }[] }).groups.flatMap(
  (group) => group.rules,
);
const alerts = rules.filter(({ alert }) => alert !== undefined);
const recorded = rules.flatMap(({ record }) => record ?? []);

interface Panel {
  readonly title: string;
  readonly type: string;
  readonly description?: string;
  readonly datasource?: unknown;
  readonly targets?: readonly { readonly expr: string }[];
}
const dashboard = JSON.parse(read('deploy/monitoring/dashboard.json')) as {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly query?: unknown }[] };
};
const panels = dashboard.panels.filter(({ type }) => type !== 'row');

/** What Prometheus adds to what it scrapes. */
const OF_PROMETHEUS = ['job', 'instance'];

describe('every query of an alert or a panel', () => {
  let databases: TestDatabases;
  let scraped: Scrape;
  beforeAll(async () => {
    databases = await startDatabases('pglite');
    scraped = await scrape(await everyMetric(await databases.fresh()));
  });
  afterAll(() => databases.stop());

  const queries: [string, string][] = [
    ...rules.map(({ record, alert, expr }): [string, string] => [record ?? alert ?? '', expr]),
    ...panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }): [string, string] => [title, expr])),
  ];

  test.each(queries)('finds what it asks for in a scrape: %s', (_, expr) => {
    const found = [...expr.matchAll(/\b(kit_herald_\w+)(?:\{([^}]*)\})?/g)];
    for (const [selector, name, matchers = ''] of found)
      expect([selector, scraped.series.some((one) => one.name === name && fits(one.labels, matchers))]).toEqual([
        selector,
        true,
      ]);
    for (const [name] of expr.matchAll(/\bkit_herald:[\w:]+/g)) expect(recorded).toContain(name);
    const known = new Set([
      ...OF_PROMETHEUS,
      ...scraped.series
        .filter(({ name }) => found.some(([, asked]) => asked === name))
        .flatMap(({ labels }) => Object.keys(labels)),
    ]);
    for (const [, labels = ''] of expr.matchAll(/\bby \(([^)]*)\)/g))
      for (const label of labels.split(',')) expect(known).toContain(label.trim());
  });

  function fits(labels: Readonly<Record<string, string>>, matchers: string): boolean {
    return [...matchers.matchAll(/(\w+)(=~|!~|!=|=)"([^"]*)"/g)].every(([, label = '', how, value = '']) => {
      if (OF_PROMETHEUS.includes(label)) return true;
      const own = labels[label];
      if (own === undefined) return false;
      const is = how === '=' || how === '!=' ? own === value : new RegExp(`^(?:${value})$`).test(own);
      return how === '=' || how === '=~' ? is : !is;
    });
  }
});

describe('every alert', () => {
  const RUNBOOKS = 'docs/runbooks/';

  test.each(alerts)('says how grave it is, what it means for patients, and where to read on: $alert', (rule) => {
    const { severity } = rule.labels ?? {};
    const { summary, description, runbook_url: url = '' } = rule.annotations ?? {};
    expect(['critical', 'warning']).toContain(severity);
    expect([summary, description]).not.toContain(undefined);
    expect(url).toMatch(/^docs\/runbooks\/[a-z-]+\.md$/);
    const page = read(url);
    expect(page).toMatch(new RegExp(`^# ${rule.alert ?? ''}\n`));
    for (const part of ['**For patients:**', '## Look', '## Do', '## Over when']) expect(page).toContain(part);
  });

  test('has its page, and every page has its alert', () => {
    const urls = new Set(alerts.map(({ annotations }) => annotations?.['runbook_url']));
    const pages = readdirSync(`${root}${RUNBOOKS}`).flatMap((page) =>
      page === 'README.md' ? [] : [`${RUNBOOKS}${page}`],
    );
    expect(pages.sort()).toEqual([...urls].sort());
  });

  test('is made to fire, and is seen clearing', () => {
    const cases = read('deploy/monitoring/alerts.test.yml').split(/^ {2}- name:/m);
    for (const { alert = '', labels } of alerts) {
      const asked = `alertname="${alert}",severity="${labels?.['severity'] ?? ''}"`;
      const its = cases.filter((one) => one.includes(asked) && one.includes('value: 1'));
      expect([asked, its.length > 0]).toEqual([asked, true]);
      // Whether something is scraped again is for another case to say.
      expect([asked, its.some((one) => one.lastIndexOf('exp_samples: []') > one.lastIndexOf('value: 1'))]).toEqual([
        asked,
        true,
      ]);
    }
  });

  if (promtoolMissing === null)
    test('fires when it should and clears when it should, as promtool sees it', async () => {
      const said = await promtool('test', 'rules', `${root}deploy/monitoring/alerts.test.yml`);
      expect(said).toContain('SUCCESS');
    }, 300_000);
  else test.skip(`fires when it should and clears when it should: ${promtoolMissing}`, () => undefined);
});

describe('every panel', () => {
  test('says what it shows, and asks whichever Prometheus and job are chosen', () => {
    expect(dashboard.templating.list.map(({ name }) => name)).toEqual(['datasource', 'job']);
    for (const { title, description = '', datasource, targets = [] } of panels) {
      expect([title, description]).not.toContain('');
      expect([title, datasource]).toEqual([title, { type: 'prometheus', uid: '${datasource}' }]);
      for (const { expr } of targets) {
        const selectors = [...expr.matchAll(/\b(?:kit_herald[\w:]+|up)\b(\{[^}]*\})?/g)];
        expect([title, selectors.every(([, matchers]) => matchers?.includes('job=~"$job"'))]).toEqual([title, true]);
      }
    }
  });

  if (promtoolMissing === null)
    test('asks what Prometheus can read', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'kit-herald-panels-'));
      const asked = panels.flatMap(({ targets = [] }) => targets).map(({ expr }) => expr);
      const filled = asked.map((expr) => expr.replace('$job', '.+').replace(/\$__(range|rate_interval)/g, '5m'));
      const asRules = filled.map((expr, at) => ({ record: `panel:${String(at)}`, expr }));
      writeFileSync(join(folder, 'panels.yml'), stringify({ groups: [{ name: 'panels', rules: asRules }] }));
      const said = await promtool('check', 'rules', join(folder, 'panels.yml'));
      rmSync(folder, { recursive: true });
      expect(said).toContain(`${String(asked.length)} rules found`);
    });
  else test.skip(`asks what Prometheus can read: ${promtoolMissing}`, () => undefined);
});

test('docs/monitoring.md has every metric with its type, its labels and its help, and no other', async () => {
  const databases = await startDatabases('pglite');
  const { text, series } = await scrape(await everyMetric(await databases.fresh()));
  await databases.stop();
  const rows = [...text.matchAll(/^# HELP (kit_herald_(?!nodejs_|process_)\w+) (.+)\n# TYPE \1 (\w+)$/gm)].map(
    ([, name = '', help, type]) => {
      const its = series.filter((one) => [name, `${name}_sum`].includes(one.name));
      const labels = [...new Set(its.flatMap((one) => Object.keys(one.labels)))].map((label) => `\`${label}\``);
      return ['', `\`${name}\``, type, labels.join(' '), help, ''].join(' | ').trim().replace(/ {2}/g, ' ');
    },
  );
  const tidy = (line: string): string => line.replace(/\s+/g, ' ').trim();
  const documented = read('docs/monitoring.md')
    .split('\n')
    .filter((line) => line.startsWith('| `kit_herald_'));
  expect(documented.map(tidy).sort()).toEqual(rows.map(tidy).sort());
});

test('metrics have help, a type and base units; what counts up ends in _total', async () => {
  const databases = await startDatabases('pglite');
  const { text } = await scrape(await everyMetric(await databases.fresh()));
  await databases.stop();
  // Those of Node are named by prom-client.
  const types = [...text.matchAll(/^# TYPE (kit_herald_(?!nodejs_|process_)\w+) (\w+)$/gm)];
  expect(types.length).toBeGreaterThan(20);
  for (const [, name = '', type] of types) {
    expect(text).toMatch(new RegExp(`^# HELP ${name} \\S`, 'm'));
    expect(name).not.toMatch(/_(ms|milliseconds|minutes|hours|kb|percent)(_|$)/);
    if (type === 'counter') expect(name).toMatch(/_total$/);
    else expect(name).not.toMatch(/_total$/);
    if (type === 'histogram') expect(name).toMatch(/_seconds$/);
  }
});
