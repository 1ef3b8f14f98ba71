import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import { adminClient, type AdminClient } from '../admin/client.js';
import type { KeysInUse } from '../privacy/keys-in-use.js';
import type { RotationStep } from '../privacy/rotate-keys.js';
import { EXIT, print, printJson, refused, run } from './output.js';

interface RotateOptions {
  readonly dryRun?: true;
  readonly json?: true;
}

/** Adds `kit-herald keys …`: what hangs on each key, and moving it to the newest. */
export function registerKeys(program: Command, env: NodeJS.ProcessEnv): void {
  const group = program.command('keys').description('the keys with which the database is written');
  group
    .command('show')
    .description('how much is sealed and hashed under each key, and which may be removed')
    .option('--json', 'print the answer as JSON')
    .action((options: RotateOptions, command: Command) => run(command, () => show(adminClient(env), options)));
  group
    .command('rotate')
    .description(
      'seal everything anew under the newest of ENCRYPTION_KEYS, while kit-herald runs; may be stopped and run again',
    )
    .option('--dry-run', 'only say what there is to do')
    .option('--json', 'print the result as JSON')
    .action((options: RotateOptions, command: Command) => run(command, () => rotate(adminClient(env), options)));
}

async function show(client: AdminClient, { json }: RotateOptions): Promise<number> {
  const answer = await client.get('/admin/keys');
  if (answer.status !== 200) return refused(answer);
  if (json) printJson(answer.body);
  else await printKeys(answer.body as KeysInUse);
  return EXIT.done;
}

async function printKeys(keys: KeysInUse): Promise<void> {
  const { keyLines } = await import('../privacy/keys-said.js');
  for (const line of keyLines(keys)) print(line);
}

/** Between two steps others have their turn. */
const BREATH_MS = 20;
const SAY_EVERY_MS = 2_000;

interface Total {
  resealed: number;
  stops: number;
  unopened: Record<string, number>;
}

async function rotate(client: AdminClient, { dryRun, json }: RotateOptions): Promise<number> {
  const before = await client.get('/admin/keys');
  if (before.status !== 200) return refused(before);
  const lost = (before.body as KeysInUse).encryption.filter(({ configured }) => !configured);
  if (dryRun === true) {
    await show(client, json ? { json } : {});
    return lost.length === 0 ? EXIT.done : EXIT.wrongUsage;
  }
  const total: Total = { resealed: 0, stops: 0, unopened: {} };
  let said = Date.now();
  for (let from: string | null = null, isFirst = true; isFirst || from !== null; isFirst = false) {
    const answer = await client.post('/admin/keys/rotate', from === null ? {} : { from });
    if (answer.status !== 200) {
      refused(answer);
      // A key that is lost or another one is a setting to be mended.
      return answer.status === 409 ? EXIT.wrongUsage : EXIT.failed;
    }
    const step = answer.body as RotationStep;
    from = step.next;
    total.resealed += step.resealed;
    total.stops += step.stops;
    for (const [id, rows] of Object.entries(step.unopened)) total.unopened[id] = (total.unopened[id] ?? 0) + rows;
    if (Date.now() - said > SAY_EVERY_MS) {
      said = Date.now();
      process.stderr.write(`${String(total.resealed)} rows sealed anew …\n`);
    }
    if (from !== null) await pause(BREATH_MS);
  }
  return await finish(client, total, json);
}

async function finish(client: AdminClient, total: Total, json?: true): Promise<number> {
  const answer = await client.get('/admin/keys');
  if (answer.status !== 200) return refused(answer);
  const keys = answer.body as KeysInUse;
  const broken = Object.entries(total.unopened);
  if (json) {
    printJson({ ...total, keys });
  } else {
    print(`${String(total.resealed)} rows sealed anew, ${String(total.stops)} stops carried over.`);
    await printKeys(keys);
  }
  for (const [id, rows] of broken)
    process.stderr.write(
      `${String(rows)} rows don't open under the key "${id}" that they name: it is another key, or they were altered. They are as they were.\n`,
    );
  return broken.length === 0 ? EXIT.done : EXIT.wrongUsage;
}
