import type { Command } from 'commander';
import type { AuditRow } from '../access/audit.js';
import { type AdminClient, adminClient } from '../admin/client.js';
import { kitSubject, orderSubject, shownHash } from '../domain/subjects.js';
import { ago } from './ago.js';
import { EXIT, minute, print, printJson, refused, rowOf, run } from './output.js';

interface Options {
  readonly kit?: string;
  readonly order?: string;
  readonly user?: string;
  /** ms before now */
  readonly since?: number;
  readonly before?: string;
  readonly json?: true;
}

/** Adds `kit-herald audit`: who looked, and who did. */
export function registerAudit(program: Command, env: NodeJS.ProcessEnv): void {
  program
    .command('audit')
    .description('who looked and who did, newest first')
    .option('--kit <barcode>', 'only what was about this kit')
    .option('--order <number>', 'only what was about this order')
    .option('--user <name>', 'only what this user did (admin-token and support-token are those of the tokens)')
    .option('--since <duration>', 'only since then, such as 30d', ago)
    .option('--before <n>', 'the page before this number')
    .option('--json', 'print the answer as JSON')
    .action((options: Options, command: Command) => run(command, () => audit(adminClient(env), options)));
}

/** @returns the exit code */
async function audit(client: AdminClient, { kit, order, user, since, before, json }: Options): Promise<number> {
  const subject =
    kit !== undefined ? kitSubject(kit.toUpperCase()) : order !== undefined ? orderSubject(order.toUpperCase()) : null;
  const query = new URLSearchParams({
    ...(subject === null ? {} : { subject }),
    ...(user === undefined ? {} : { user }),
    ...(since === undefined ? {} : { since: new Date(Date.now() - since).toISOString() }),
    ...(before === undefined ? {} : { before }),
  });
  const answer = await client.get(`/admin/audit?${query.toString()}`);
  if (answer.status !== 200) return refused(answer);
  const { entries, next } = answer.body as { readonly entries: readonly AuditRow[]; readonly next: number | null };
  if (json) {
    printJson(answer.body);
    return EXIT.done;
  }
  for (const entry of entries) print(line(entry));
  if (entries.length === 0) print('Nothing is written about that.');
  if (next !== null) print(`More: --before ${String(next)}`);
  return EXIT.done;
}

const COLUMNS = [{ width: 16 }, { width: 20 }, { width: 16 }, { width: 22 }];

function line({ at, who, role, via, act, about, from, outcome, reason }: AuditRow): string {
  const whose = [role, via === null ? null : `by ${via}`, from].filter((part) => part !== null).join(', ');
  const which = about === null ? null : shownHash(about);
  const what = [outcome, which, reason].filter((part) => part !== null);
  return rowOf(COLUMNS, [minute(at), `${who} (${whose})`, act, what.join(' ')], 0).join('\n');
}
