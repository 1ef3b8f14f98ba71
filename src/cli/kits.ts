import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { Stories, Story, SubjectSummary, ToldDecision } from '../ledger/ledger.js';
import { KINDS } from '../terms/vocabulary.js';
import { adminClient, type AdminClient } from './admin-client.js';
import { print, printJson, refused, run } from './talk.js';
import { rowOf } from './told/layout.js';

interface Which {
  readonly kind?: string;
  readonly occurrence?: number;
  readonly reason?: string;
  readonly email?: string;
  readonly firstName?: string;
  readonly lastName?: string;
  readonly resend?: true;
  readonly wait: boolean;
  readonly json?: true;
}

/** How long the journey may take to decide, while Temporal is up. */
const PATIENCE = 20_000;
const LOOK_EVERY = 500;

const ACTIONS = {
  retry: 'try again what failed, came back or got no answer',
  skip: 'send it no more: the patient is told another way',
  release: 'send what is held for a review, or is too late',
  'correct-contact': 'from now on another address',
} as const;
type Action = keyof typeof ACTIONS;

/** Adds `kit-herald kits …` and `kit-herald orders …`: operators' work. */
export function registerKits(program: Command): void {
  register(program, 'kits', '<barcode>');
  register(program, 'orders', '<order-number>');
}

function register(program: Command, what: 'kits' | 'orders', name: string): void {
  const group = program.command(what).description(`operators' work on ${what}`);
  group
    .command('list')
    .description(`${what}, and what a human is asked to do`)
    .option('--attention', 'only those for which a human is asked')
    .option('--open', 'only those whose journey has not ended')
    .option('--after <name>', 'the page after this one')
    .option('--json', 'print the answer as JSON')
    .action((options: ListOptions, command: Command) => run(command, () => list(what, options)));
  for (const action of Object.keys(ACTIONS) as Action[]) {
    const command = group
      .command(action)
      .description(ACTIONS[action])
      .argument(name)
      .addOption(new Option('--kind <kind>', 'only this kind of email').choices(KINDS))
      .option('--occurrence <n>', 'only this occurrence of it', whole)
      .option('--no-wait', "don't wait for what becomes of it")
      .option('--json', 'print the answer as JSON');
    if (action === 'skip') command.requiredOption('--reason <text>', 'why; kept sealed');
    else command.option('--reason <text>', 'why; kept sealed');
    if (action === 'correct-contact') {
      command.requiredOption('--email <address>', 'the right address');
      command.option('--first-name <name>', 'whose it is (default: as known, where only one person was named)');
      command.option('--last-name <name>', 'likewise');
      command.option('--resend', 'also what was sent to the old address');
    }
    command.action((asked: string, options: Which, self: Command) =>
      run(self, () => ask(`/admin/${what}/${encodeURIComponent(asked)}`, asked, action, options)),
    );
  }
}

/** Asks, and waits until the journey has decided about it. @returns the exit code. */
async function ask(path: string, name: string, action: Action, options: Which): Promise<number> {
  const { kind, occurrence, reason, email, firstName, lastName, resend, wait, json } = options;
  const client = adminClient(process.env);
  const body = { kind, occurrence, reason, email, firstName, lastName, resend, by: userInfo().username };
  const headers = { 'idempotency-key': `cli_${randomUUID()}` };
  const answer = await client.post(`${path}/${action}`, body, headers);
  if (answer.status !== 202) return refused(answer);
  const { cause } = answer.body as { readonly cause: string };
  const decisions = wait ? await decisionsBy(client, name, cause) : [];
  if (json) {
    printJson({ ...(answer.body as object), decisions });
    return 0;
  }
  print(`Kept as ${cause}.`);
  for (const { what, decision } of decisions) {
    const verdict = { send: 'is sent', wait: 'waits', not_send: 'is not sent' }[decision.verdict];
    print(`${what} ${verdict}${decision.reason === null ? '' : ` (${decision.reason})`}.`);
  }
  if (wait && decisions.length === 0) print('The journey has not decided yet: look with told.');
  return 0;
}

interface Decided {
  readonly what: string;
  readonly decision: ToldDecision;
}

async function decisionsBy(client: AdminClient, name: string, cause: string): Promise<Decided[]> {
  for (const until = Date.now() + PATIENCE; Date.now() < until;) {
    await pause(LOOK_EVERY);
    const { body, status } = await client.post('/admin/told', { subject: name });
    if (status !== 200) continue;
    const told = body as Story | Stories;
    const found = ('subjects' in told ? told.subjects : [told]).flatMap(({ notifications }) =>
      notifications.flatMap(({ kind, decisions }) =>
        decisions.filter((one) => one.cause === cause).map((decision) => ({ what: kind, decision })),
      ),
    );
    if (found.length > 0) return found;
  }
  return [];
}

interface ListOptions {
  readonly attention?: true;
  readonly open?: true;
  readonly after?: string;
  readonly json?: true;
}

async function list(what: 'kits' | 'orders', { json, ...filter }: ListOptions): Promise<number> {
  const query = new URLSearchParams(
    Object.entries(filter).map(([key, value]): [string, string] => [key, String(value)]),
  );
  const answer = await adminClient(process.env).get(`/admin/${what}?${query.toString()}`);
  if (answer.status !== 200) return refused(answer);
  const { subjects, next } = answer.body as { readonly subjects: SubjectSummary[]; readonly next: string | null };
  if (json) {
    printJson(answer.body);
    return 0;
  }
  const columns = [{ width: 24 }, { width: 17 }, { width: 33 }];
  for (const { subject, state, needsAttention } of subjects) {
    print(rowOf(columns, [subject.replace(/^\w+:/, ''), state, needsAttention?.sentence ?? ''], 0).join('\n'));
  }
  if (subjects.length === 0) print('None.');
  if (next !== null) print(`More: --after ${next}`);
  return 0;
}

function whole(value: string): number {
  if (!/^[1-9]\d{0,5}$/.test(value)) throw new InvalidArgumentError('must be a number from 1');
  return Number(value);
}
