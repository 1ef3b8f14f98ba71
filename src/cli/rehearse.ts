import { type Command, InvalidArgumentError } from 'commander';
import { type AdminAnswer, type AdminClient, adminClient } from '../admin/client.js';
import type { Rehearsed, RehearsedChange } from '../admin/rehearsal.js';
import { nameOf } from '../domain/subjects.js';
import { ago } from './ago.js';
import { EXIT, minute, print, printJson, refused, rowOf, run, wrap } from './output.js';
import { DAY } from '../domain/durations.js';

interface Options {
  readonly since: number;
  readonly set: Readonly<Record<string, string>>;
  readonly json?: true;
}

const PAGE = 100;

/** Adds `kit-herald rehearse`: past journeys under other settings, before they are put in force. */
export function registerRehearse(program: Command, env: NodeJS.ProcessEnv): void {
  program
    .command('rehearse')
    .description('replay past journeys under other settings: which emails would have gone, or not; sends nothing')
    .option('--since <duration>', 'journeys that were open since then', ago, 30 * DAY)
    .requiredOption('--set <NAME=value>', 'a setting as it would be, such as RESULTS_RELEASE=reviewed', setting)
    .option('--json', 'print the answer as JSON')
    .action((options: Options, command: Command) => run(command, () => rehearse(adminClient(env), options)));
}

/** @returns the exit code. @throws Refusal for wrong settings. */
async function rehearse(client: AdminClient, { since: before, set, json }: Options): Promise<number> {
  const since = new Date(Date.now() - before).toISOString();
  const changes = new Map<string, RehearsedChange>();
  let journeys = 0;
  let after: string | null = null;
  do {
    const answer: AdminAnswer = await client.post('/admin/rehearse', {
      since,
      set,
      limit: PAGE,
      ...(after === null ? {} : { after }),
    });
    if (answer.status !== 200) return refused(answer);
    const page = answer.body as Rehearsed;
    journeys += page.journeys;
    // A reminder is decided by each kit of an order, and goes once.
    for (const change of page.changes) changes.set([change.subject, change.kind, change.occurrence].join(' '), change);
    after = page.next;
  } while (after !== null);
  const found = [...changes.values()];
  if (json) printJson({ since, set, journeys, changes: found });
  else print(renderRehearsal({ since, set, journeys, changes: found }));
  return EXIT.done;
}

function setting(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('must be NAME=value');
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

export interface Rehearsal {
  /** ISO 8601 */
  readonly since: string;
  readonly set: Readonly<Record<string, string>>;
  readonly journeys: number;
  readonly changes: readonly RehearsedChange[];
}

const WIDTH = 80;
const COLUMNS = [{ width: 20 }, { width: 20 }, { width: 16 }, { width: 16 }];

/** What would have been otherwise, a line for each email, at most 80 columns wide; times are UTC. */
export function renderRehearsal({ since, set, journeys, changes }: Rehearsal): string {
  const settings = Object.entries(set).map(([name, value]) => `${name}=${value}`);
  const said = `${count(journeys, 'journey')} since ${minute(since)} UTC, replayed under ${settings.join(' ')}. Nothing was sent.`;
  const rows = [...changes].sort((a, b) => (a.now ?? a.then ?? '').localeCompare(b.now ?? b.then ?? ''));
  return [
    ...wrap(said, WIDTH),
    '',
    ...(rows.length === 0
      ? ['Every email would have gone as it does now.']
      : [
          ...rowOf(COLUMNS, ['about', 'email', 'as it is', 'as it would be'], 0),
          ...rows.flatMap(line),
          '',
          ...wrap(summary(rows), WIDTH),
        ]),
  ].join('\n');
}

function line({ subject, kind, occurrence, now, then, why }: RehearsedChange): string[] {
  const email = occurrence === 1 ? kind : `${kind} ${String(occurrence)}`;
  const unsent = why === null ? 'not sent' : `not sent: ${why}`;
  return rowOf(
    COLUMNS,
    [nameOf(subject), email, now === null ? 'not sent' : minute(now), then === null ? unsent : minute(then)],
    0,
  );
}

function summary(changes: readonly RehearsedChange[]): string {
  const more = changes.filter(({ now }) => now === null).length;
  const fewer = changes.filter(({ then }) => then === null).length;
  const moved = changes.length - more - fewer;
  return `${count(more, 'email')} more, ${count(fewer, 'email')} fewer, ${count(moved, 'email')} at another time.`;
}

const count = (number: number, what: string): string => `${String(number)} ${what}${number === 1 ? '' : 's'}`;
