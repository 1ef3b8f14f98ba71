import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Accepted } from '../admin/ask-command.js';
import { adminClient, type AdminClient } from '../admin/client.js';
import { type Action, BULK_ACTIONS, type BulkAction } from '../admin/schemas.js';
import { Refusal } from '../config/refusal.js';
import { KIND_NAMES } from '../domain/kinds.js';
import type { Reason, Status } from '../domain/notifications.js';
import { STAFF } from '../domain/subjects.js';
import type { Scope, SubjectAnswer, SubjectAnswers, ToldDecision } from '../ledger/ledger.js';
import { print, printJson, refused, run } from './output.js';
import { bulk, type BulkOptions } from './bulk.js';
import { looks } from './patience.js';
import { addFilters, addList, list, OF_KIND, type SubjectsGroup } from './subject-list.js';

interface Which {
  readonly kind?: string;
  readonly occurrence?: number;
  readonly reason?: string;
  readonly email?: string;
  readonly firstName?: string;
  readonly lastName?: string;
  readonly resend?: true;
  readonly lift?: true;
  /** Undefined where a command decides nothing by itself. */
  readonly wait?: boolean;
  readonly json?: true;
}

const LIFTED: Partial<Record<Scope, string>> = { bounced: 'it had bounced', all: 'they had opted out' };

const NOT_DECIDED = 'The journey has not decided yet: look with told.';

const ACTIONS: Readonly<Record<Action, string>> = {
  retry: 'try again what failed, came back or got no answer',
  skip: 'send it no more: the patient is told another way',
  release: 'send what is held for a review, contradicts its order’s cancellation, or is too late',
  acknowledge: 'a human has dealt with all it is shown to need, until something new raises it',
  'correct-contact': 'from now on another address',
  'opt-out': 'they asked for no email at all: none goes to their address, whatever it is about',
};

/** Adds `kit-herald kits …`, `kit-herald orders …` and `kit-herald staff …`: operators' work. */
export function registerKits(program: Command, env: NodeJS.ProcessEnv): void {
  register(program, env, 'kits', 'barcode');
  register(program, env, 'orders', 'order-number');
  const staff = program.command('staff').description("operators' work on webhooks that name no kit and no order");
  const acknowledge = staff.command('acknowledge').description(ACTIONS.acknowledge);
  addOptions(acknowledge, 'acknowledge');
  acknowledge.action((options: Which, self: Command) =>
    run(self, () => ask(adminClient(env), '/admin/staff', STAFF, 'acknowledge', options)),
  );
}

function register(program: Command, env: NodeJS.ProcessEnv, what: SubjectsGroup, name: string): void {
  const group = program.command(what).description(`operators' work on ${what}`);
  addList(group, what, (options, command) => run(command, () => list(adminClient(env), what, options)));
  for (const action of Object.keys(ACTIONS) as Action[]) {
    const command = group.command(action).description(ACTIONS[action]);
    if (isBulk(action)) {
      command.argument(`[${name}]`, 'one; without it, all that are selected');
      addFilters(
        command,
        what,
        action === 'acknowledge' ? OF_KIND : `only this kind of email; without a name, of ${OF_KIND}`,
      );
      command
        .option('--dry-run', 'only list the emails that would go, wait or not be sent, and why; sends nothing')
        .option('--yes', `${action} all that are selected`);
    } else command.argument(`<${name}>`);
    addOptions(command, action);
    command.action((asked: string | undefined, options: Which & BulkOptions, self: Command) =>
      run(self, () => {
        const client = adminClient(env);
        if (asked === undefined) return bulk(client, { what, action: action as BulkAction, options: ofMany(options) });
        return ask(client, `/admin/${what}/${encodeURIComponent(asked)}`, asked, action, ofOne(action, options));
      }),
    );
  }
}

const isBulk = (action: Action): action is BulkAction => (BULK_ACTIONS as readonly Action[]).includes(action);

/** @throws Refusal where it is also said who else is meant. */
function ofOne(action: Action, options: Which & BulkOptions): Which {
  const { attention, state, olderThan, dryRun, yes, kind } = options;
  if ([attention, state, olderThan, dryRun, yes].some((one) => one !== undefined)) {
    throw new Refusal(
      'Name one, or leave its name out and select some: --attention, --state, --older-than, --dry-run and --yes are for a selection.',
    );
  }
  if (action === 'acknowledge' && kind !== undefined) {
    throw new Refusal('What is acknowledged is all that it is shown to need: --kind is for a selection.');
  }
  return options;
}

/** @throws Refusal where something is said that can't be meant of many. */
function ofMany(options: Which & BulkOptions): BulkOptions {
  const { occurrence, lift } = options;
  if (occurrence === undefined && lift === undefined) return options;
  throw new Refusal('--occurrence and --lift are for one: name it.');
}

function addOptions(command: Command, action: Action): void {
  if (action === 'correct-contact') {
    command.addOption(new Option('--kind <kind>', 'only this kind of email').choices(KIND_NAMES));
  }
  if (action !== 'opt-out' && action !== 'acknowledge') {
    command.option('--occurrence <n>', 'only this occurrence of it', whole);
  }
  if (action !== 'opt-out') command.option('--no-wait', "don't wait for what becomes of it");
  if (action === 'skip' || action === 'acknowledge') command.requiredOption('--reason <text>', 'why; kept sealed');
  else command.option('--reason <text>', 'why; kept sealed');
  if (action === 'retry') {
    command.option('--lift', 'write to the address again although it bounced, or they had opted out');
  }
  if (action === 'correct-contact') {
    command
      .requiredOption('--email <address>', 'the right address')
      .option('--first-name <name>', 'whose it is (default: as known, where only one person was named)')
      .option('--last-name <name>', 'likewise')
      .option('--resend', 'also what was sent to the old address');
  }
  command.option('--json', 'print the answer as JSON');
}

/** Asks, and waits until the journey has decided about it, where it has to. @returns the exit code. */
async function ask(client: AdminClient, path: string, name: string, action: Action, options: Which): Promise<number> {
  const { kind, occurrence, reason, email, firstName, lastName, resend, lift, wait, json } = options;
  const body = { kind, occurrence, reason, email, firstName, lastName, resend, lift, by: userInfo().username };
  const headers = { 'idempotency-key': `cli_${randomUUID()}` };
  const answer = await client.post(`${path}/${action}`, body, headers);
  if (answer.status !== 202) return refused(answer);
  const { cause, lifted } = answer.body as Accepted;
  if (action === 'acknowledge') {
    if (json) printJson(answer.body);
    else print([`Kept as ${cause}.`, ...(wait === true ? [await stillAsked(client, path)] : [])].join('\n'));
    return 0;
  }
  const decided = wait === true ? await decidedBy(client, name, cause) : [];
  if (json) {
    printJson({ ...(answer.body as object), decisions: decided });
    return 0;
  }
  print(`Kept as ${cause}.`);
  if (lifted.length > 0)
    print(`The address is written to again (${lifted.map((scope) => LIFTED[scope] ?? scope).join(', ')}).`);
  const last = new Map(decided.map((one) => [`${one.what} ${String(one.occurrence)}`, one]));
  for (const one of last.values()) print(`${one.what} ${becameOf(one)}.`);
  if (wait === true && decided.length === 0) print(NOT_DECIDED);
  return 0;
}

interface Decided {
  readonly what: string;
  readonly occurrence: number;
  readonly decision: ToldDecision;
  /** What became of it so far. */
  readonly status: Status;
  readonly reason: Reason | null;
}

const BECAME: Record<Status, string> = {
  sending: 'is being sent',
  deferred: 'waits',
  sent: 'is sent',
  delivered: 'is delivered',
  bounced: 'came back',
  complained: 'was reported as spam',
  failed: 'failed',
  unknown: 'got no answer',
  not_sent: 'is not sent',
};

/** A command that sent nothing is answered by its decision: what became of the email is older than the command. */
function becameOf({ decision: { verdict, reason }, ...row }: Decided): string {
  const because = verdict === 'send' ? row.reason : reason;
  const became = { send: BECAME[row.status], wait: BECAME.deferred, not_send: BECAME.not_sent }[verdict];
  return `${became}${because === null ? '' : ` (${because})`}`;
}

/** Whether a human is still asked for, once the journey has heard of it. */
async function stillAsked(client: AdminClient, path: string): Promise<string> {
  let asked: string | null = null;
  for await (const _ of looks()) {
    const { body, status } = await client.get(path);
    if (status !== 200) continue;
    asked = (body as SubjectAnswer).needsAttention;
    if (asked === null) return 'Nobody is asked to look any more.';
  }
  return asked === null ? NOT_DECIDED : `Still: ${asked}`;
}

/** What was decided by this cause, once what it sends has an answer. */
async function decidedBy(client: AdminClient, name: string, cause: string): Promise<Decided[]> {
  let found: Decided[] = [];
  for await (const _ of looks()) {
    const { body, status } = await client.post('/admin/told', { subject: name });
    if (status !== 200) continue;
    const told = body as SubjectAnswer | SubjectAnswers;
    found = ('subjects' in told ? told.subjects : [told]).flatMap(({ notifications }) =>
      notifications.flatMap(({ kind, occurrence, decisions, ...row }) =>
        decisions
          .filter((one) => one.cause === cause)
          .map((decision) => ({ what: kind, occurrence, decision, status: row.status, reason: row.reason })),
      ),
    );
    if (found.length > 0 && found.every(({ status }) => status !== 'sending')) break;
  }
  return found;
}

function whole(value: string): number {
  if (!/^[1-9]\d{0,5}$/.test(value)) throw new InvalidArgumentError('must be a number from 1');
  return Number(value);
}
