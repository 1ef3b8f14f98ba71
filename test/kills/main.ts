import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { thisMachine } from '../../bench/machine.js';
import { packageRoot } from '../../src/config/package-root.js';
import { published, withRuns } from './page.js';
import { FAULTS } from './plan.js';
import { type Report, reportOf } from './report.js';
import { run, type Ran } from './run.js';

/**
 * Kills and stops of separate processes under load, judged from outside: two receivers, two workers, PostgreSQL,
 * Temporal and a mail server that loses replies, greylists or is away. Exits 0 when every rule held, 1 when one was broken, 2 on wrong
 * usage.
 */
const USAGE = `npm run faults -- [--seconds N] [--seed N] [--only WORDS] [--keep] [--report FILE] [--publish]

  --seconds N  how long faults come (default 300); then it waits until all is at rest, 10 minutes at most
  --seed N     the same lives and the same faults as a run before (default: another one each time)
  --only WORDS only faults with these words in their name, such as stopped or PostgreSQL (default: all of them)
  --keep       leave the logs, and all that the judge saw, in the temporary folder
  --report FILE  writes what it did and came to, as JSON
  --publish    puts that into docs/reliability.json and the tables of docs/reliability.md
`;

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        seconds: { type: 'string', default: '300' },
        seed: { type: 'string', default: String(Date.now() % 1_000_000) },
        only: { type: 'string', default: '' },
        keep: { type: 'boolean', default: false },
        report: { type: 'string' },
        publish: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    const seconds = Number(values.seconds);
    const seed = Number(values.seed);
    if (!(seconds >= 10 && seconds <= 86_400)) throw new Error('--seconds must be 10 to 86400');
    if (!Number.isSafeInteger(seed) || seed < 0) throw new Error('--seed must be a whole number');
    const only = FAULTS.filter((name) => name.includes(values.only));
    if (only.length === 0) throw new Error(`--only must be in one of these: ${FAULTS.join(', ')}`);
    return { ...values, seconds, seed, only };
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    process.exit(2);
  }
}

const options = readOptions();
const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
if (options.help) {
  say(USAGE);
} else {
  // What was started ends with this process, whichever way it ends.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
  say(`seed ${String(options.seed)}`);
  const machine = thisMachine();
  const ran = await run({ ...options, say });
  const report = reportOf(ran, { ...options, machine });
  tell(report, ran);
  if (options.report !== undefined) writeFileSync(options.report, `${JSON.stringify(report, null, 2)}\n`);
  if (options.publish) publish(report);
}

function tell(report: Report, { violations, endings }: Ran): void {
  const { webhooks, emails, unknown, stops, atRest } = report;
  const inSeconds = (ms: number | null, digits: number): string => ((ms ?? 0) / 1_000).toFixed(digits);
  const lines: [string, string][] = [
    ['faults', String(report.faults.reduce((all, { times }) => all + times, 0))],
    ['lives', `${String(report.lives)}, ${String(report.forgeries)} forgeries beside them`],
    [
      'webhooks',
      `${String(webhooks.acknowledged)} acknowledged of ${String(webhooks.sent)}, sent ${String(webhooks.posts)} times`,
    ],
    ['emails', `${String(emails.came)} came, ${String(emails.copies)} of them as another copy`],
    [
      'told',
      Object.entries(report.told)
        .map(([what, count]) => `${String(count)} ${what}`)
        .join(', '),
    ],
    ['unknown', `${String(unknown.came)} of ${String(unknown.all)} came`],
    ['at rest', atRest === null ? 'never' : `${inSeconds(atRest, 0)} s after the last fault`],
    ['stops', stops.all === 0 ? 'none' : `${String(stops.all)}, at most ${inSeconds(stops.slowest, 1)} s each`],
    ['ended by themselves', endings.length === 0 ? 'none' : endings.join(', ')],
  ];
  say('');
  for (const [what, is] of lines) say(`${what.padEnd(20)} ${is}`);
  say('');
  for (const { rule, about, sentence } of violations) say(`BROKEN  ${rule}: ${about}: ${sentence}`);
  say(violations.length === 0 ? 'Every rule held.' : `${String(violations.length)} violations.`);
  process.exitCode = violations.length === 0 ? 0 : 1;
}

/** The page says what this run came to, also where a rule was broken, beside the runs before it. */
function publish(report: Report): void {
  const docs = join(packageRoot(), 'docs');
  const [file, page] = [join(docs, 'reliability.json'), join(docs, 'reliability.md')];
  const before = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Report[]) : [];
  const runs = published(before, report);
  writeFileSync(file, `${JSON.stringify(runs, null, 2)}\n`);
  writeFileSync(page, withRuns(readFileSync(page, 'utf8'), runs));
}
