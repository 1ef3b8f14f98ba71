import { putInto } from '../../bench/place.js';
import type { Report } from './report.js';

const PLACE = {
  begin: '<!-- from docs/reliability.json, by npm run faults -- --publish -->',
  end: '<!-- end of what the runs wrote -->',
};

/** `text` with what the runs came to in the place that it keeps for it. @throws where there is none. */
export const withRuns = (text: string, runs: readonly Report[]): string => putInto(text, PLACE, tablesOf(runs));

/** The published runs with one more; a run of the same seed and length takes the place of the former one. */
export const published = (runs: readonly Report[], run: Report): Report[] => [
  ...runs.filter(({ seed, seconds }) => seed !== run.seed || seconds !== run.seconds),
  run,
];

/** What docs/reliability.md takes from its runs, word for word. */
export function tablesOf(runs: readonly Report[]): string {
  return [
    '| run | on | webhooks acknowledged | lost | emails | another copy, marked | doubled without a mark | unknown, of which came | all at rest after |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...runs.map(runRow),
    '',
    ...runs.flatMap(broken),
    '| results emails | of the run | later than 10 s | than 1 min | than 15 min | the slowest |',
    '| --- | --- | --- | --- | --- | --- |',
    ...runs.map(({ seed, results }) =>
      row([
        String(results.emails),
        `seed ${String(seed)}`,
        share(results.after10s, results.emails),
        share(results.after1min, results.emails),
        share(results.after15min, results.emails),
        seconds(results.slowest),
      ]),
    ),
    '',
    '| fault | times | from its end until the next email | until the next acknowledgement | slowest acknowledgement of what was first sent while it lasted |',
    '| --- | --- | --- | --- | --- |',
    ...faultRows(runs),
  ].join('\n');
}

const runRow = (run: Report): string =>
  row([
    `seed ${String(run.seed)}, ${String(run.seconds)} s, ${String(run.faults.reduce((all, { times }) => all + times, 0))} faults`,
    `${run.date}, ${run.processor}, ${String(run.cores)} cores, Node ${run.node}, load ${run.loadBefore.toFixed(1)} before`,
    `${thousands(run.webhooks.acknowledged)} of ${thousands(run.webhooks.sent)}, posted ${thousands(run.webhooks.posts)} times`,
    String(run.lost),
    thousands(run.emails.came),
    String(run.emails.copies),
    String(run.emails.doubled),
    `${String(run.unknown.all)}, ${String(run.unknown.came)}`,
    run.atRest === null ? 'never' : seconds(run.atRest),
  ]);

/** A rule that did not hold is said before anything else is. */
const broken = ({ seed, broken: rules }: Report): string[] =>
  Object.keys(rules).length === 0
    ? []
    : [
        `**Seed ${String(seed)} broke rules**: ${Object.entries(rules)
          .map(([rule, times]) => `${rule} (${String(times)})`)
          .join(', ')}.`,
        '',
      ];

/** Of all runs together: the worst. */
function faultRows(runs: readonly Report[]): string[] {
  const names = [...new Set(runs.flatMap(({ faults }) => faults.map(({ name }) => name)))];
  return names.map((name) => {
    const all = runs.flatMap(({ faults }) => faults.filter((fault) => fault.name === name));
    return row([
      name,
      String(all.reduce((times, fault) => times + fault.times, 0)),
      seconds(worst(all.map(({ nextEmail }) => nextEmail))),
      seconds(worst(all.map(({ nextAcknowledgement }) => nextAcknowledgement))),
      seconds(worst(all.map(({ slowestAcknowledgement }) => slowestAcknowledgement))),
    ]);
  });
}

const worst = (all: readonly (number | null)[]): number | null => {
  const known = all.filter((one) => one !== null);
  return known.length === 0 ? null : Math.max(...known);
};
const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const thousands = (value: number): string => value.toLocaleString('en');
const seconds = (ms: number | null): string =>
  ms === null ? 'none' : `${(ms / 1_000).toFixed(ms < 10_000 ? 1 : 0)} s`;
const share = (some: number, all: number): string =>
  some === 0 ? '0' : `${String(some)} (${((some / all) * 100).toFixed(1)} %)`;
