import { type Settings, workerVersion } from '../config.js';
import { Refusal } from '../config/refusal.js';
import type { Queryable } from '../database/sql.js';
import { livesWith, schemaDifference, type SchemaDifference } from '../database/migrate.js';
import { MINUTE } from '../domain/durations.js';
import { type Backlog, readBacklog } from '../inbox/intake.js';
import { type Hands, readHands } from '../ledger/figures.js';
import { withDatabase } from '../process/storage.js';
import { type Journeys, lookAtJourneys } from '../temporal/troubles.js';
import { type Deployment, deploymentOf, versionsAtWork, type WorkerVersion } from '../temporal/versions.js';
import { database, type DoctorCheck, hasTable, keys, prepared, temporal } from './doctor-checks.js';

type Said = string | { readonly warning: string };

/**
 * Whether the upgrade to this release may begin: run by its build, with its settings, while the former release is at
 * work. Reads only, but for what `Temporal` registers where it is missing.
 */
export function upgradeChecksOf(settings: Settings, env: NodeJS.ProcessEnv): DoctorCheck[] {
  return [
    { what: 'settings', run: () => Promise.resolve(settings.production ? 'fit for production' : 'for development') },
    { what: 'database', run: () => database(settings) },
    { what: 'keys', run: () => keys(settings) },
    {
      what: 'migrations',
      run: () => withDatabase(settings, async (opened) => schemaFinding(await schemaDifference(opened))),
    },
    {
      what: 'webhooks',
      run: () =>
        where(settings, 'deliveries', async (opened) => webhooksFinding(await readBacklog(opened), Date.now())),
    },
    {
      what: 'emails',
      run: () => where(settings, 'notifications', async (opened) => emailsFinding(await readHands(opened))),
    },
    { what: 'Temporal', run: () => temporal(settings, env, prepared) },
    {
      what: 'journeys',
      run: () =>
        temporal(settings, env, async ({ client }) => journeysFinding(await lookAtJourneys(client, MOST_LOOKED))),
    },
    {
      what: 'workers',
      run: () =>
        temporal(settings, env, async ({ client, namespace }) =>
          versionsFinding(
            await versionsAtWork(client, namespace),
            await deploymentOf(client, namespace, settings.temporalDeploymentName),
            workerVersion(settings),
          ),
        ),
    },
  ];
}

/** Each is one call to Temporal. */
const MOST_LOOKED = 200;

async function where(settings: Settings, table: string, look: (opened: Queryable) => Promise<Said>): Promise<Said> {
  return await withDatabase(settings, async (opened) =>
    (await hasTable(opened, table)) ? await look(opened) : 'there is nothing yet',
  );
}

/** @throws Refusal where a later release than this one has taken something away that this one needs. */
export function schemaFinding(difference: SchemaDifference): string {
  const { missing, strange, contracted } = difference;
  if (livesWith(difference)) return `a later release has added ${strange.join(', ')}, which this one lives with`;
  if (strange.length > 0)
    throw new Refusal(
      `a later release has applied ${contracted ?? strange.join(', ')}, which this one can't live with: restore a backup, or stay with that release`,
    );
  return missing.length === 0
    ? 'this release changes nothing'
    : `kit-herald migrate will apply ${missing.join(', ')}: make a backup first`;
}

/** What is under way finds its journey in seconds; what is older waits for something that an upgrade would hide. */
const LATE_MS = 5 * MINUTE;

/** @throws Refusal where what came in doesn't reach its journey. */
export function webhooksFinding({ pending, oldestPending, quarantined }: Backlog, now: number): Said {
  const age = oldestPending === null ? 0 : now - oldestPending.getTime();
  if (age > LATE_MS)
    throw new Refusal(
      `${String(pending)} have not reached their journey, the first for ${minutes(age)}: see that Temporal answers and a worker runs`,
    );
  const onTheirWay = pending === 0 ? 'each has reached its journey' : `${String(pending)} are on their way`;
  if (quarantined === 0) return onTheirWay;
  return {
    warning: `${onTheirWay}; ${String(quarantined)} can't be read: where this release reads them, kit-herald webhooks replay afterwards`,
  };
}

/** @throws Refusal where nobody takes over what a process left in mid-send. */
export function emailsFinding({ inHand, left, waiting }: Hands): string {
  const said = `${String(inHand)} in hand, ${String(waiting)} wait`;
  if (left > 0)
    throw new Refusal(
      `${said}; ${String(left)} were left in mid-send and nobody takes them over: see that a worker runs`,
    );
  return inHand === 0 ? said : `${said}; a worker that is stopped in order ends what it has in hand`;
}

/** @throws Refusal where the code and the history of a journey don't agree. */
export function journeysFinding({ open, stuck, looked }: Journeys): string {
  if (stuck.length > 0) {
    const named = stuck.slice(0, 5).join(', ');
    const others = stuck.length > 5 ? ` and ${String(stuck.length - 5)} more` : '';
    throw new Refusal(
      `tasks fail again and again of ${named}${others}: unless this release is what mends them, find out why first (docs/changing-a-journey.md)`,
    );
  }
  const seen = looked < open ? `, of which the ${String(looked)} that began last were looked at` : '';
  return `${String(open)} are open${seen}; none stands still`;
}

/** @throws Refusal where the journeys have no workers that they would go on with if this release had to be taken back. */
export function versionsFinding(
  atWork: readonly (WorkerVersion | null)[],
  deployment: Deployment | null,
  ours: WorkerVersion | null,
): Said {
  const current = deployment?.current ?? null;
  const draining =
    deployment === null || deployment.draining.length === 0
      ? ''
      : `; ${deployment.draining.join(', ')} still at their last tasks`;
  if (atWork.length === 0) throw new Refusal('nobody works on the journeys: mend that before you change the release');
  if (current === null) {
    if (!atWork.includes(null))
      throw new Refusal(
        'no version is current, so the journeys wait: run kit-herald make-current of the former release',
      );
    return ours === null
      ? 'at work, not versioned'
      : `at work, not versioned; kit-herald make-current gives the journeys to ${ours.buildId}`;
  }
  if (!atWork.some((one) => one?.buildId === current))
    throw new Refusal(
      `version ${current} is current and none of its workers is there: mend that before you change the release`,
    );
  if (ours === null)
    return {
      warning: `version ${current} is current, and TEMPORAL_WORKER_BUILD_ID is not set: workers without it would get no journey`,
    };
  if (ours.buildId === current)
    return {
      warning: `version ${current} is current, and this release would be called the same: give it a TEMPORAL_WORKER_BUILD_ID of its own`,
    };
  return `version ${current} is current and at work${draining}; kit-herald make-current gives the journeys to ${ours.buildId}`;
}

const minutes = (ms: number): string => `${String(Math.round(ms / MINUTE))} min`;
