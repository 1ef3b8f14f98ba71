import { describe, expect, test } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import type { Run } from '../../bench/figures.js';
import { chartOf, growthOf, pageOf, tableOf, withTable } from '../../bench/report.js';

const at = (path: string): URL => new URL(`../../${path}`, import.meta.url);
const read = (path: string): string => readFileSync(at(path), 'utf8');
const rounds = (...all: readonly number[]) => all.map((perSecond) => ({ perSecond, p50Ms: 1, p99Ms: 2, refused: 0 }));
const way = (...all: readonly number[]) =>
  all.map((emailsPerSecond) => ({ emailsPerSecond, p50Ms: 40, p99Ms: 90, cpuMsPerEmail: 12 }));
const RUN: Run = {
  date: '2026-01-02',
  processor: 'a processor',
  cores: 2,
  node: 'v20.0.0',
  loadBefore: 0.1,
  quick: true,
  flood: {
    bare: rounds(1_000, 1_000, 1_000),
    'signal per request': rounds(50, 100, 100),
    'queue, then signal': rounds(50, 50, 50),
    'kit-herald': rounds(100, 300, 200),
    'kit-herald apart': rounds(1_500, 1_500, 1_500),
    'kit-herald receiver': rounds(2_000, 2_000, 2_000),
  },
  steadyRate: 500,
  steady: rounds(500, 500, 500),
  ways: { 'plain workflow': way(20, 10, 20), 'kit-herald': way(10, 10, 30), 'kit-herald apart': way(5, 5, 5) },
  bursts: [{ webhooks: 20_000, acknowledgedSeconds: 9, carriedSeconds: 21 }],
  idlePercent: [1.25],
};

describe('what is said of how fast it is', () => {
  test('is the median of all rounds, with the least and the most; ratios are taken round by round', () => {
    const lines = tableOf(RUN).split('\n');
    expect(lines).toContain(
      '| **kit-herald**, all in one process | 200 (100 to 300) | 2.0× (2.0× to 3.0×) | 0.20× (0.10× to 0.30×) |',
    );
    expect(lines).toContain(
      '| **kit-herald**, all in one process | 40 ms | 90 ms | 10 (10 to 30) | 1.0× (0.50× to 1.5×) | 12 ms |',
    );
    expect(lines.find((line) => line.includes('as two processes'))).toContain('| 1,500 |');
    expect(lines).toContain('| 20,000 webhooks at once, acknowledged | 9 s |');
  });

  test('says of a machine that was not quiet that it wasn’t', () => {
    expect(tableOf(RUN)).not.toContain('not quiet');
    expect(tableOf({ ...RUN, loadBefore: 1.2 })).toContain('on a machine that was not quiet (load 1.2)');
  });

  test('is drawn with a bar for each, the longest as wide as there is room', () => {
    const chart = chartOf(RUN);
    expect(chart.match(/<rect /g)).toHaveLength(9);
    expect(chart.match(/class="ours"/g)).toHaveLength(5);
    expect(chart).not.toMatch(/[*`]|NaN|undefined/);
  });

  test('says what things cost while the database grows, beside the smallest, where that was measured', () => {
    const cost = (rows: number, each: number) => ({
      ...{ rows, openKits: 200, log: each, intake: each, relay: each, send: each },
      ...{ toldP50: each, toldP95: each, list: each },
      ...{ intakePages: each, relayPages: each, toldPages: each, listPages: each, sendPages: each },
    });
    const growth = {
      date: '2026-01-02',
      loadBefore: 3,
      costs: [cost(1_000, 2), cost(1_000_000, 3)],
      beside: { rate: 500, aloneP99: 20, askedP99: 30, questions: 40, memoryMb: 400 },
    };
    const lines = growthOf(growth).split('\n');
    expect(lines[0]).toContain('not quiet (load 3.0)');
    expect(lines).toContain('| webhooks in the inbox | 1,000 | 1,000,000 |');
    expect(lines).toContain('| `told`, median | 2.00 ms | 3.00 ms (1.50×) |');
    expect(lines).toContain('| … `told` | 2.0 | 3.0 (1.50×) |');
    expect(lines).toContain('| … while operators ask 40 questions a second | 30 ms (1.50×) |');
    expect(pageOf({ ...RUN, growth })).toContain(lines.join('\n'));
    expect(pageOf(RUN)).not.toContain('grows');
  });

  test('has its place in the page, or a page is refused', () => {
    const page = read('docs/performance.md');
    expect(withTable(withTable(page, 'a table'), 'another')).toBe(withTable(page, 'another'));
    expect(withTable(page, 'a table')).toContain('\n\na table\n\n');
    expect(() => withTable('nothing here', 'a table')).toThrow('no place');
  });

  test('is what the published run measured, word for word, in the page and in the picture', () => {
    if (!existsSync(at('docs/performance.json'))) {
      expect(read('docs/performance.md')).toContain('No run of the benchmark as it is now has been published yet');
      return;
    }
    const run = JSON.parse(read('docs/performance.json')) as Run;
    expect(withTable(read('docs/performance.md'), pageOf(run))).toBe(read('docs/performance.md'));
    expect(chartOf(run)).toBe(read('docs/pictures/performance.svg'));
  });
});
