import { InvalidArgumentError, type Command } from 'commander';
import type { Rehearsed, RehearsedChange } from '../admin/ports.js';
import { parseDuration } from '../config/values.js';
import { adminClient, type AdminAnswer } from './admin-client.js';
import { EXIT, print, printJson, refused, run } from './output.js';
import { renderRehearsal } from './told/rehearsal.js';

interface Options {
  readonly since: number;
  readonly set: Readonly<Record<string, string>>;
  readonly json?: true;
}

const PAGE = 100;

/** Adds `kit-herald rehearse`: past journeys under other settings, before they are put in force. */
export function registerRehearse(program: Command): void {
  program
    .command('rehearse')
    .description('replay past journeys under other settings: which emails would have gone, or not; sends nothing')
    .option('--since <duration>', 'journeys that were open since then', ago, 30 * 86_400_000)
    .requiredOption('--set <NAME=value>', 'a setting as it would be, such as RESULTS_RELEASE=reviewed', setting)
    .option('--json', 'print the answer as JSON')
    .action((options: Options, command: Command) => run(command, () => rehearse(options)));
}

/** @returns the exit code. @throws Refusal for wrong settings. */
async function rehearse({ since: before, set, json }: Options): Promise<number> {
  const client = adminClient(process.env);
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

function ago(text: string): number {
  const ms = parseDuration(text);
  if (ms === null) throw new InvalidArgumentError('must be a duration such as 30d');
  return ms;
}

function setting(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('must be NAME=value');
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}
