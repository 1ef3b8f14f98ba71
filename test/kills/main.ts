import { parseArgs } from 'node:util';
import { FAULTS } from './plan.js';
import { run, type Ran } from './run.js';

/**
 * Kills and stops of separate processes under load, judged from outside: two receivers, two workers, PostgreSQL,
 * Temporal and a mail server that loses replies, greylists or is away. Exits 0 when every rule held, 1 when one was broken, 2 on wrong
 * usage.
 */
const USAGE = `npm run faults -- [--seconds N] [--seed N] [--only WORDS] [--keep]

  --seconds N  how long faults come (default 300); then it waits until all is at rest, 10 minutes at most
  --seed N     the same lives and the same faults as a run before (default: another one each time)
  --only WORDS only faults with these words in their name, such as stopped or PostgreSQL (default: all of them)
  --keep       leave the logs, and all that the judge saw, in the temporary folder
`;

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        seconds: { type: 'string', default: '300' },
        seed: { type: 'string', default: String(Date.now() % 1_000_000) },
        only: { type: 'string', default: '' },
        keep: { type: 'boolean', default: false },
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
  report(await run({ ...options, say }));
}

function report({ evidence, violations, settledAfter, endings }: Ran): void {
  const { lives, sent, forgeries, mails, stories, faults, stops } = evidence;
  const rows = [...stories.values()].flatMap(({ notifications }) => notifications);
  const distinct = new Map(rows.map((row) => [`${row.messageId ?? ''} ${row.kind}`, row]));
  const statuses = new Map<string, number>();
  for (const { status, reason } of distinct.values()) {
    const what = reason === null ? status : `${status}/${reason}`;
    statuses.set(what, (statuses.get(what) ?? 0) + 1);
  }
  const copies = mails.length - new Set(mails.map(({ messageId }) => messageId)).size;
  const isThere = (id: string | null): boolean => mails.some(({ messageId }) => messageId === id);
  const unknown = [...distinct.values()].filter(({ status }) => status === 'unknown');
  const acknowledged = sent.filter(({ acknowledgedAt }) => acknowledgedAt !== null);
  const lines: [string, string][] = [
    ['faults', String(faults.length)],
    ['lives', `${String(lives.length)}, ${String(forgeries.length)} forgeries beside them`],
    [
      'webhooks',
      `${String(acknowledged.length)} acknowledged of ${String(sent.length)}, sent ${String(sent.reduce((sum, { times }) => sum + times, 0))} times`,
    ],
    ['emails', `${String(mails.length)} came, ${String(copies)} of them as another copy`],
    ['told', [...statuses].map(([what, count]) => `${String(count)} ${what}`).join(', ')],
    [
      'unknown',
      `${String(unknown.filter(({ messageId }) => isThere(messageId)).length)} of ${String(unknown.length)} came`,
    ],
    ['at rest', settledAfter === null ? 'never' : `${(settledAfter / 1_000).toFixed(0)} s after the last fault`],
    [
      'stops',
      stops.length === 0
        ? 'none'
        : `${String(stops.length)}, at most ${(Math.max(...stops.map(({ took }) => took)) / 1_000).toFixed(1)} s each`,
    ],
    ['ended by themselves', endings.length === 0 ? 'none' : endings.join(', ')],
  ];
  say('');
  for (const [what, is] of lines) say(`${what.padEnd(20)} ${is}`);
  say('');
  for (const { rule, about, sentence } of violations) say(`BROKEN  ${rule}: ${about}: ${sentence}`);
  say(violations.length === 0 ? 'Every rule held.' : `${String(violations.length)} violations.`);
  process.exitCode = violations.length === 0 ? 0 : 1;
}
