import type { CostAt, Growth } from './growth.js';
import {
  ACKNOWLEDGING,
  acksOf,
  emailsTimesPlain,
  type Run,
  SENDING,
  type Spread,
  spreadOf,
  timesOf,
  wayOf,
} from './figures.js';
import { type Machine, QUIET_LOAD } from './machine.js';
import { putInto } from './place.js';

/** What docs/performance.md takes from a run, word for word. */
export const pageOf = (run: Run): string =>
  `${tableOf(run)}\n\n![acknowledgements and emails a second, beside others](pictures/performance.svg)${run.growth === undefined ? '' : `\n\n${growthOf(run.growth)}`}`;

export function tableOf(run: Run): string {
  const steady = (figure: 'p50Ms' | 'p99Ms') => spreadOf(run.steady.map((one) => one[figure]));
  const burst = run.bursts[0];
  return [
    `Measured on ${run.date}, ${run.processor}, ${String(run.cores)} cores, Node ${run.node}, ${String(run.steady.length)} ` +
      `round${run.steady.length === 1 ? '' : 's'}${ifNotQuiet(run)}: ` +
      'the median, and the least and the most of all rounds.',
    '',
    '| acknowledgements a second, 50 connections | | beside a signal per request | beside bare Fastify |',
    '| --- | --- | --- | --- |',
    ...ACKNOWLEDGING.map((name) =>
      row([
        LABELS[name],
        whole(acksOf(run, name)),
        times(timesOf(run, name, 'signal per request')),
        times(timesOf(run, name, 'bare')),
      ]),
    ),
    '',
    '| the way to the patient | webhook to mail server, median | p99 | emails a second | beside the plain workflow | processor each |',
    '| --- | --- | --- | --- | --- | --- |',
    ...SENDING.map((name) =>
      row([
        LABELS[name],
        `${whole(wayOf(run, name, 'p50Ms'))} ms`,
        `${whole(wayOf(run, name, 'p99Ms'))} ms`,
        whole(wayOf(run, name, 'emailsPerSecond')),
        times(emailsTimesPlain(run, name)),
        `${whole(wayOf(run, name, 'cpuMsPerEmail'))} ms`,
      ]),
    ),
    '',
    '| kit-herald, all in one process | |',
    '| --- | --- |',
    row([`answer at an even ${String(run.steadyRate)} webhooks a second, median`, `${whole(steady('p50Ms'))} ms`]),
    row(['p99', `${whole(steady('p99Ms'))} ms`]),
    ...(burst === undefined
      ? []
      : [
          row([
            `${thousands(burst.webhooks)} webhooks at once, acknowledged`,
            `${whole(spreadOf(run.bursts.map((one) => one.acknowledgedSeconds)))} s`,
          ]),
          row(['… and with their journeys', `${whole(spreadOf(run.bursts.map((one) => one.carriedSeconds)))} s`]),
        ]),
    row(['processor while nothing happens', `${tenths(spreadOf(run.idlePercent))} % of a core`]),
  ].join('\n');
}

const ifNotQuiet = ({ loadBefore }: Pick<Machine, 'loadBefore'>): string =>
  loadBefore > QUIET_LOAD ? `, on a machine that was not quiet (load ${loadBefore.toFixed(1)})` : '';

const COSTS: readonly (readonly [figure: keyof CostAt, label: string])[] = [
  ['intake', 'a webhook, of many at once, committed'],
  ['relay', 'a fact, of many, with its journey'],
  ['send', 'an email’s claim, hand-over and settlement'],
  ['toldP50', '`told`, median'],
  ['toldP95', '`told`, p95'],
  ['list', 'the first page of the kits that need a human'],
];
const COUNTS: readonly (readonly [figure: keyof CostAt, label: string])[] = [
  ['log', 'write-ahead log, kB for a webhook'],
  ['intakePages', 'pages looked at for a webhook'],
  ['relayPages', '… a fact'],
  ['sendPages', '… an email'],
  ['toldPages', '… `told`'],
  ['listPages', '… that list'],
];

/** What each thing costs while ever more is in the database, beside what it costs in the smallest. */
export function growthOf({ date, loadBefore, costs, beside }: Growth): string {
  const [smallest] = costs;
  const cell = (cost: CostAt, figure: keyof CostAt, unit: ' ms' | ''): string => {
    const ms = `${cost[figure].toFixed(unit === '' ? 1 : 2)}${unit}`;
    return cost === smallest || smallest === undefined
      ? ms
      : `${ms} (${(cost[figure] / smallest[figure]).toFixed(2)}×)`;
  };
  return [
    `What it costs while the database grows, on ${date}${ifNotQuiet({ loadBefore })}; PostgreSQL with fsync, medians:`,
    '',
    row(['webhooks in the inbox', ...costs.map(({ rows }) => thousands(rows))]),
    row(['---', ...costs.map(() => '---')]),
    row(['kits that are open', ...costs.map(({ openKits }) => thousands(openKits))]),
    ...COSTS.map(([figure, label]) => row([label, ...costs.map((cost) => cell(cost, figure, ' ms'))])),
    ...COUNTS.map(([figure, label]) => row([label, ...costs.map((cost) => cell(cost, figure, ''))])),
    '',
    row([`receiver and worker at an even ${String(beside.rate)} webhooks a second`, '']),
    row(['---', '---']),
    row(['answer, p99', `${thousands(beside.aloneP99)} ms`]),
    row([
      `… while operators ask ${thousands(beside.questions)} questions a second`,
      `${thousands(beside.askedP99)} ms (${(beside.askedP99 / beside.aloneP99).toFixed(2)}×)`,
    ]),
    row(['memory of both together, at most', `${thousands(beside.memoryMb)} MB`]),
  ].join('\n');
}

const LABELS: Readonly<Record<(typeof ACKNOWLEDGING)[number] | (typeof SENDING)[number], string>> = {
  bare: 'bare Fastify, nothing kept',
  'signal per request': '`signalWithStart` in each request',
  'queue, then signal': 'a pg-boss job in each request, PostgreSQL with fsync',
  'kit-herald': '**kit-herald**, all in one process',
  'kit-herald apart': '**kit-herald** as two processes, PostgreSQL with fsync',
  'kit-herald receiver': '**kit-herald**’s receiver alone, PostgreSQL with fsync',
  'plain workflow': 'a plain workflow and its activity',
};

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const thousands = (value: number): string => Math.round(value).toLocaleString('en');
const spread = ({ median, least, most }: Spread, shown: (value: number) => string): string =>
  shown(least) === shown(most) ? shown(median) : `${shown(median)} (${shown(least)} to ${shown(most)})`;
const whole = (one: Spread): string => spread(one, thousands);
const tenths = (one: Spread): string => spread(one, (value) => value.toFixed(1));
const times = (one: Spread): string => spread(one, (value) => `${value.toFixed(value < 1 ? 2 : 1)}×`);

const WIDTH = 720;
const LEFT = 300;
const LINE = 30;

/** Acknowledgements and emails a second as bars, readable by day and by night. */
export function chartOf(run: Run): string {
  const parts = [
    bars(
      'Acknowledgements a second',
      ACKNOWLEDGING.map((name) => [LABELS[name], acksOf(run, name)] as const),
    ),
    bars(
      'Emails a second',
      SENDING.map((name) => [LABELS[name], wayOf(run, name, 'emailsPerSecond')] as const),
    ),
  ];
  let top = 0;
  const drawn = parts.map(({ lines, height }) => {
    const group = `<g transform="translate(0 ${String(top)})">${lines.join('')}</g>`;
    top += height;
    return group;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${String(WIDTH)} ${String(top)}" font-family="system-ui, sans-serif" font-size="13" role="img" aria-label="How fast kit-herald is beside others">`,
    '<style>text{fill:#1c2b33}.bar{fill:#9fb3bd}.ours{fill:#0b5563}.range{stroke:#1c2b33}@media(prefers-color-scheme:dark){text{fill:#e6edf0}.bar{fill:#5d7480}.ours{fill:#58b4c4}.range{stroke:#e6edf0}}</style>',
    ...drawn,
    '</svg>',
    '',
  ].join('\n');
}

function bars(title: string, all: readonly (readonly [string, Spread])[]): { lines: string[]; height: number } {
  const longest = Math.max(...all.map(([, { most }]) => most));
  const at = (value: number): number => Math.round((value / longest) * (WIDTH - LEFT - 80));
  const lines = all.flatMap(([label, { median, least, most }], place) => {
    const y = 40 + place * LINE;
    const plain = label.replaceAll(/[*`]/g, '');
    return [
      `<text x="${String(LEFT - 10)}" y="${String(y + 13)}" text-anchor="end">${plain}</text>`,
      `<rect class="${plain.startsWith('kit-herald') ? 'ours' : 'bar'}" x="${String(LEFT)}" y="${String(y)}" width="${String(Math.max(1, at(median)))}" height="18"/>`,
      `<line class="range" x1="${String(LEFT + at(least))}" x2="${String(LEFT + at(most))}" y1="${String(y + 9)}" y2="${String(y + 9)}"/>`,
      `<text x="${String(LEFT + at(most) + 8)}" y="${String(y + 13)}">${thousands(median)}</text>`,
    ];
  });
  return {
    lines: [`<text x="${String(LEFT)}" y="24" font-weight="bold">${title}</text>`, ...lines],
    height: 50 + all.length * LINE,
  };
}

const PLACE = {
  begin: '<!-- from docs/performance.json, by npm run bench -- --publish -->',
  end: '<!-- end of what the benchmark wrote -->',
};

/** `text` with the table in the place that it keeps for it. @throws where there is none. */
export const withTable = (text: string, table: string): string => putInto(text, PLACE, table);
