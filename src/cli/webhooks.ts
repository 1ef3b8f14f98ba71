import { type Command, Option } from 'commander';
import { type AdminClient, adminClient } from '../admin/client.js';
import type { EmailOutlook } from '../admin/outlook.js';
import { SOURCES } from '../domain/sources.js';
import { ago } from './ago.js';
import { minute, print, printJson, refused, rowOf, run, wrap } from './output.js';
import { renderEmails, replay, type ReplayOptions } from './replay.js';

interface Filter {
  readonly status?: string;
  readonly event?: string;
  readonly source?: string;
  readonly subject?: string;
  readonly before?: string;
  readonly json?: true;
}

/** As the admin API writes it. */
interface Webhook {
  readonly seq: number;
  readonly id: string;
  readonly source: string;
  readonly event: string | null;
  readonly receivedAt: string;
  readonly status: string;
  readonly reason: string | null;
  readonly duplicates: number;
  readonly bodyState: string;
  readonly subjects: readonly string[];
}

/** Adds `kit-herald webhooks …`: what came in, and again through the way. */
export function registerWebhooks(program: Command, env: NodeJS.ProcessEnv): void {
  const group = program.command('webhooks').description('what came in, and again through the way');
  group
    .command('list')
    .description('what came in, newest first')
    .addOption(new Option('--status <status>').choices(['pending', 'relayed', 'quarantined']))
    .addOption(new Option('--source <source>').choices(SOURCES))
    .option('--event <event>', 'only this event')
    .option('--subject <subject>', 'only what is for kit:<barcode> or order:<order number>')
    .option('--before <n>', 'the page before this number')
    .option('--json', 'print the answer as JSON')
    .action((filter: Filter, command: Command) => run(command, () => list(adminClient(env), filter)));
  group
    .command('show')
    .description('one webhook, without what it says of anybody')
    .argument('<id>', "the sender's id")
    .option('--json', 'print the answer as JSON')
    .action((id: string, options: { json?: true }, command: Command) =>
      run(command, () => show(adminClient(env), id, options)),
    );
  group
    .command('replay')
    .description('send what came in through the way again, after a fix: one, or all in quarantine that are selected')
    .argument('[id]', "the sender's id, for one")
    .option('--seq <n>', 'which one, where the sender gave one id to several')
    .option('--reason <reason>', 'those whose reason begins so, such as invalid_data')
    .option('--event <event>', 'those that say or seem to be this event')
    .option('--since <duration>', 'those that came since then, such as 30d', ago)
    .option('--dry-run', 'only list the emails that would go, wait or not be sent, and why; sends nothing')
    .option('--yes', 'replay those that are selected')
    .option('--json', 'print the answer as JSON')
    .action((id: string | undefined, options: ReplayOptions, command: Command) =>
      run(command, () => replay(adminClient(env), id, options)),
    );
}

async function list(client: AdminClient, { json, ...filter }: Filter): Promise<number> {
  const answer = await client.get(`/admin/webhooks?${new URLSearchParams({ ...filter }).toString()}`);
  if (answer.status !== 200) return refused(answer);
  const { webhooks, next } = answer.body as { readonly webhooks: Webhook[]; readonly next: number | null };
  if (json) {
    printJson(answer.body);
    return 0;
  }
  for (const webhook of webhooks) print(lines(webhook));
  if (webhooks.length === 0) print('None.');
  if (next !== null) print(`More: --before ${String(next)}`);
  return 0;
}

async function show(client: AdminClient, id: string, { json }: { json?: true }): Promise<number> {
  const answer = await client.get(`/admin/webhooks/${encodeURIComponent(id)}`);
  if (answer.status !== 200) return refused(answer);
  if (json) printJson(answer.body);
  else print(renderWebhook(answer.body as ShownWebhook));
  return 0;
}

/** As the admin API writes one: `older` ones have the same id. */
export interface ShownWebhook extends Webhook {
  readonly why: string | null;
  readonly staffCalledAt: string | null;
  readonly ifReplayed: {
    readonly outcome: 'accepted' | 'known_already' | 'still_quarantined' | 'body_expired';
    /** Why it, or a part of it, still couldn't be read. */
    readonly why: string | null;
    readonly event: string | null;
    readonly subjects: readonly string[];
    readonly emails: readonly EmailOutlook[];
  } | null;
  readonly older: readonly Webhook[];
}

const WIDTH = 80;

/** One webhook, why it couldn't be read, and what would become of it now; at most 80 columns wide, times in UTC. */
export function renderWebhook(webhook: ShownWebhook): string {
  const { why, status, subjects, staffCalledAt, ifReplayed, older } = webhook;
  const unread = status === 'quarantined';
  const sentences = [
    ...(why === null ? [] : [why]),
    ...(unread && subjects.length === 0 ? ['It names no kit and no order that could be found.'] : []),
    ...(unread && subjects.length > 0 ? [`It stands in the story of ${subjects.join(', ')}.`] : []),
    ...(staffCalledAt !== null
      ? [`Staff were called ${minute(staffCalledAt)}.`]
      : unread
        ? ['Staff were not called because of it.']
        : []),
  ];
  return [
    lines(webhook),
    ...sentences.flatMap((sentence) => wrap(sentence, WIDTH)),
    ...(ifReplayed === null ? [] : ['', ...outlookOf(ifReplayed)]),
    ...(older.length === 0 ? [] : ['', 'Under the same id came before:', ...older.map(lines)]),
  ].join('\n');
}

function outlookOf({ outcome, why, event, subjects, emails }: NonNullable<ShownWebhook['ifReplayed']>): string[] {
  switch (outcome) {
    case 'body_expired':
      return ['It can’t be replayed: its body is not kept any more.'];
    case 'known_already':
      return wrap(
        'If it were replayed now: it came again meanwhile and was read; nobody would hear of it anew.',
        WIDTH,
      );
    case 'still_quarantined':
      return wrap(`If it were replayed now it still could not be read. ${why ?? ''}`, WIDTH);
    case 'accepted': {
      const read = `If it were replayed now it would be read as ${event ?? 'unknown'}, for ${subjects.join(', ') || 'nobody'}.`;
      return [...wrap(`${read} ${why ?? ''}`, WIDTH), ...renderEmails(emails)];
    }
  }
}

const COLUMNS = [{ width: 16 }, { width: 11 }, { width: 24 }, { width: 23 }];

function lines({ receivedAt, status, event, id, source, duplicates, reason, subjects, bodyState }: Webhook): string {
  const notes = [
    id,
    source === 'c4hxp' ? '' : `from ${source}`,
    duplicates > 0 ? `came ${String(duplicates + 1)} times` : '',
    reason ?? '',
    bodyState === 'kept' ? '' : `body ${bodyState}`,
    ...subjects,
  ];
  return rowOf(COLUMNS, [minute(receivedAt), status, event ?? 'unknown', notes.filter(Boolean).join('; ')], 0).join(
    '\n',
  );
}
