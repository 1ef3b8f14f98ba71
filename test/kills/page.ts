import { QUIET_LOAD } from '../../bench/machine.js';
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
    ...runs.flatMap(broken),
    row(['', ...runs.map(({ seed, seconds: length }) => `seed ${String(seed)}, ${String(length)} s`)]),
    row(['---', ...runs.map(() => '---')]),
    ...ROWS.map(([what, of]) => row([what, ...runs.map(of)])),
    '',
    '| fault | times | from its end until the next email | until the next acknowledgement | slowest acknowledgement of what was first sent while it lasted |',
    '| --- | --- | --- | --- | --- |',
    ...faultRows(runs),
  ].join('\n');
}

const ROWS: readonly (readonly [what: string, of: (run: Report) => string])[] = [
  ['on', ({ date, processor, cores, node }) => `${date}, ${processor}, ${String(cores)} cores, Node ${node}`],
  [
    'load of the machine before',
    ({ loadBefore: load }) => `${load.toFixed(1)}${load > QUIET_LOAD ? ': **not quiet**, its times mean little' : ''}`,
  ],
  ['faults', ({ faults }) => String(faults.reduce((all, { times }) => all + times, 0))],
  ['lives', ({ lives, forgeries }) => `${String(lives)}, and ${String(forgeries)} forgeries beside them`],
  [
    'webhooks acknowledged',
    ({ webhooks: { acknowledged, sent, posts } }) =>
      `${thousands(acknowledged)} of ${thousands(sent)}, posted ${thousands(posts)} times`,
  ],
  ['**lost**', ({ lost }) => String(lost)],
  ['emails that came', ({ emails }) => thousands(emails.came)],
  ['another copy, marked', ({ emails }) => String(emails.copies)],
  ['**doubled** without a mark, or marked without a cause', ({ emails }) => String(emails.doubled)],
  ['unknown, of which came', ({ unknown }) => `${String(unknown.all)}, ${String(unknown.came)}`],
  ['emails about results', ({ results }) => String(results.emails)],
  ['**late**: later than 10 s', ({ results }) => share(results.after10s, results.emails)],
  ['later than 1 min', ({ results }) => share(results.after1min, results.emails)],
  ['later than 15 min', ({ results }) => share(results.after15min, results.emails)],
  ['the slowest', ({ results }) => seconds(results.slowest)],
  ['stops in order, the slowest', ({ stops }) => `${String(stops.all)}, ${seconds(stops.slowest)}`],
  ['all at rest, after the last fault', ({ atRest }) => (atRest === null ? 'never' : seconds(atRest))],
];

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
