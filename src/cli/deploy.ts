import { type Command, InvalidArgumentError } from 'commander';
import { readSettings, type Settings, workerVersion } from '../config.js';
import { EXIT, print, run } from './output.js';
import { Refusal, Unavailable } from '../config/refusal.js';
import { parseDuration } from '../config/values.js';

/** Adds `kit-herald migrate` and `rebuild`, which open the database themselves. */
export function registerDatabaseCommands(program: Command, env: NodeJS.ProcessEnv): void {
  program
    .command('migrate')
    .description("bring the database's schema up to date (start, receiver and worker do so too)")
    .action(async () => {
      const [{ migrate }, { withDatabase }] = await loaded();
      const applied = await withDatabase(readSettings(env), migrate);
      print(applied.length === 0 ? 'The database is up to date.' : `Applied: ${applied.join(', ')}.`);
    });
  program
    .command('rebuild')
    .description("start every open journey again from the database, after Temporal's store was lost")
    .action(async () => {
      const [{ migrate }, { withDatabase }] = await loaded();
      const { wakeOpenSubjects } = await import('../ledger/subjects.js');
      const woken = await withDatabase(readSettings(env), async (database) => {
        await migrate(database);
        return await wakeOpenSubjects(database);
      });
      print(`${String(woken)} open journeys are started again by the relay: now if one runs, else at the next start.`);
    });
}

const loaded = () => Promise.all([import('../database/migrate.js'), import('../process/storage.js')]);

const PATIENCE_MS = 120_000;

/** Adds `kit-herald make-current`: the deploy step where workers are versioned. */
export function registerMakeCurrent(program: Command, env: NodeJS.ProcessEnv): void {
  program
    .command('make-current')
    .description("the deploy step where workers are versioned: gives the journeys to this release's workers")
    .option('--wait <duration>', 'how long its workers may take to be there', patience, PATIENCE_MS)
    .action(({ wait }: { wait: number }, command: Command) => {
      const settings = readSettings(env);
      return run(command, () => madeCurrent(settings, wait, env));
    });
}

/** @returns the exit code. @throws Refusal where there is nothing to make current. */
async function madeCurrent(settings: Settings, wait: number, env: NodeJS.ProcessEnv): Promise<number> {
  const version = workerVersion(settings);
  if (version === null || settings.temporalAddress === null)
    throw new Refusal(
      "TEMPORAL_WORKER_BUILD_ID is not set: workers aren't versioned, and nothing has to be made current.",
    );
  const [{ openTemporal }, { makeCurrent }] = await Promise.all([
    import('../process/temporal-side.js'),
    import('../temporal/versions.js'),
  ]);
  const temporal = openTemporal(settings.temporalAddress, settings.temporalNamespace, env);
  try {
    await makeCurrent(temporal.client, temporal.namespace, version, wait);
  } catch (error) {
    process.stderr.write(
      `${error instanceof Unavailable ? error.message : `No answer from Temporal at ${temporal.address}.`}\n`,
    );
    return EXIT.failed;
  } finally {
    await temporal.close();
  }
  print(`Version ${version.buildId} of ${version.deploymentName} is current.`);
  return EXIT.done;
}

function patience(value: string): number {
  const ms = parseDuration(value);
  if (ms === null) throw new InvalidArgumentError('must be a duration such as 90s');
  return ms;
}
