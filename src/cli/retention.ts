import type { Command } from 'commander';
import { adminClient, type AdminClient } from '../admin/client.js';
import type { LastRun, RetentionDue } from '../privacy/retention.js';
import { EXIT, minute, print, printJson, refused, run } from './output.js';

interface Options {
  readonly json?: true;
}

/** What `GET /admin/retention` answers. */
interface Answer {
  readonly due: RetentionDue;
  readonly last: LastRun | null;
}

/** Adds `kit-herald retention`: what is due to go by its age. Deleting is the schedule's. */
export function registerRetention(program: Command, env: NodeJS.ProcessEnv): void {
  program
    .command('retention')
    .description(
      'what the next run would delete because it is old (RETENTION_BODIES, RETENTION_LEDGER), and what the last did',
    )
    .option(
      '--dry-run',
      'print it and delete nothing: all that this command does, because a schedule in Temporal deletes',
    )
    .option('--json', 'print the answer as JSON')
    .action((options: Options, self: Command) => run(self, () => show(adminClient(env), options)));
}

async function show(client: AdminClient, { json }: Options): Promise<number> {
  const answer = await client.get('/admin/retention');
  if (answer.status !== 200) return refused(answer);
  if (json) printJson(answer.body);
  else print(renderRetention(answer.body as Answer));
  return EXIT.done;
}

/** What `retention` prints. */
export function renderRetention({ due, last }: Answer): string {
  const { bodies, journeys, alarmed, auditRows, heldByJourney, heldPending, heldQuarantined, more } = due;
  const kept = [
    [heldByJourney, 'bodies whose journey has not ended'],
    [heldPending, 'webhooks that have not reached their journey: look at doctor'],
    [alarmed, 'webhooks that can not be read: the team is called first'],
    [heldQuarantined, 'webhooks that can not be read: the team was called less than a week ago'],
  ] as const;
  const told = kept.filter(([count]) => count > 0);
  return [
    `The next run deletes ${more ? 'more than ' : ''}${String(bodies)} bodies, and all that names somebody of ${String(journeys)} ended journeys.`,
    ...(auditRows === 0 ? [] : [`It deletes ${String(auditRows)} rows of the audit.`]),
    ...(told.length === 0 ? [] : ['Old enough, and kept:']),
    ...told.map(([count, what]) => `  ${String(count)} ${what}`),
    last === null
      ? 'It has not run yet.'
      : `The last run, ${minute(last.at)} UTC, deleted ${String(last.bodies)} bodies, and what named somebody of ${String(last.journeys)} journeys.`,
  ].join('\n');
}
