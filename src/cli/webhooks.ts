import { type Command, Option } from 'commander';
import { type AdminClient, adminClient } from '../admin/client.js';
import { SOURCES } from '../domain/sources.js';
import { minute, print, printJson, refused, rowOf, run } from './output.js';

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
    .description('send one through the way again, after a fix')
    .argument('<id>', "the sender's id")
    .option('--seq <n>', 'which one, where the sender gave one id to several')
    .option('--json', 'print the answer as JSON')
    .action((id: string, options: { seq?: string; json?: true }, command: Command) =>
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
  const { older, ...newest } = answer.body as Webhook & { readonly older: readonly Webhook[] };
  if (json) printJson(answer.body);
  else print([newest, ...older].map(lines).join('\n'));
  return 0;
}

async function replay(client: AdminClient, id: string, { seq, json }: { seq?: string; json?: true }): Promise<number> {
  const query = seq === undefined ? '' : `?seq=${encodeURIComponent(seq)}`;
  const answer = await client.post(`/admin/webhooks/${encodeURIComponent(id)}/replay${query}`, {});
  if (answer.status !== 202) return refused(answer);
  const { outcome } = answer.body as { readonly outcome: string };
  const said = outcome === 'known_already' ? 'It came again meanwhile, and was read.' : 'It is on its way again.';
  if (json) printJson(answer.body);
  else print(said);
  return 0;
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
