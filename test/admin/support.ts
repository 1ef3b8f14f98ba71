import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { look } from '../../activities/last-checks.js';
import { createAudit } from '../../src/access/audit.js';
import { createAdminApp, type AdminOptions } from '../../src/admin/app.js';
import { createOutlook, type Outlook } from '../../src/admin/outlook.js';
import type { AdminPorts } from '../../src/admin/ports.js';
import type { Database } from '../../src/database/database.js';
import type { RecordedDecision } from '../../src/domain/activities.js';
import { evidenceAbout } from '../../src/evidence/bundle.js';
import { closeApp } from '../../src/host/ports.js';
import { hostRule } from '../../src/http/hosts.js';
import { createIntake, type Intake } from '../../src/inbox/intake.js';
import { type ReadAgain, replayWebhook, rereadWebhook } from '../../src/inbox/replay.js';
import { scorecard } from '../../src/inbox/scorecard.js';
import { listWebhooks, selectQuarantined, showWebhook } from '../../src/inbox/webhooks.js';
import type { Ledger } from '../../src/ledger/ledger.js';
import { wouldLearn } from '../../src/ledger/would-learn.js';
import { createErasing } from '../../src/privacy/erase.js';
import { keysInUse } from '../../src/privacy/keys-in-use.js';
import { createRetention } from '../../src/privacy/retention.js';
import { rotateKeys } from '../../src/privacy/rotate-keys.js';
import type { Sealing } from '../../src/sealing/sealing.js';
import { forecast } from '../../workflows/core/forecast.js';
import { decision, KIT, newLedger, newSealing, T0, VIEW } from '../ledger/support.js';
import { startDatabases, type TestDatabases } from '../support/databases.js';
import { SETTINGS } from '../support/facts.js';

export const ADMIN = 'admin-token-of-this-test';
export const SUPPORT = 'support-token-of-this-test';

/** What operators' ports stand on. */
interface Ground {
  readonly database: Database;
  readonly sealing: Sealing;
  readonly ledger: Ledger;
  readonly intake: Intake;
  /** ms since the epoch */
  readonly clock: () => number;
  readonly readAgain: ReadAgain;
}

/** What the operators' app and the desk are given, over a database: the real thing, but for what takes a journey's rules. */
export function portsOver({ database, sealing, ledger, intake, clock, readAgain }: Ground): AdminPorts {
  return {
    ledger,
    retention: createRetention({ database, bodies: null, ledger: null }),
    erasing: createErasing({ database, sealing, clock }),
    webhooks: {
      list: (filter) => listWebhooks(database, filter),
      show: (id) => showWebhook(database, id),
      scorecard: (since) => scorecard(database, { since: since ?? new Date(0), now: new Date(T0) }),
      select: (selection) => selectQuarantined(database, selection),
      reread: (seq) => rereadWebhook({ database, sealing }, seq, readAgain),
      replay: (seq) => replayWebhook({ database, sealing }, seq, readAgain),
    },
    outlook: () => Promise.resolve([]),
    rehearse: () => Promise.resolve({ journeys: 0, changes: [], next: null }),
    evidence: (subject) => evidenceAbout(database, sealing, subject, T0),
    keys: {
      inUse: () => keysInUse(database, sealing.keyIds),
      rotate: (from) => rotateKeys({ database, sealing }, { from, limit: 100 }),
    },
    audit: createAudit(database, sealing),
    keep: (arrival) => intake.keep(arrival),
    hash: sealing.hash,
    clock,
  };
}

/** What would become of emails, by the journeys' own rules. */
export const outlookOver = ({ database, ledger, clock }: Pick<Ground, 'database' | 'ledger' | 'clock'>): Outlook =>
  createOutlook({
    settings: SETTINGS,
    ledger,
    wouldLearn: (arrivals) => wouldLearn(database, arrivals),
    forecast,
    lastObstacle(input, standing, at) {
      const settings = { switchedOff: [], quietHours: null, defaultTimeZone: 'UTC' };
      const obstacle = look({ ...standing, input, settings, now: at });
      return 'contact' in obstacle ? null : obstacle;
    },
    clock,
  });

/** What a test may look at and change. */
export interface Operators {
  database: Database;
  sealing: Sealing;
  ledger: Ledger;
  intake: Intake;
  app: FastifyInstance;
  /** What isn't ready. */
  missing: readonly string[];
  readAgain: ReadAgain;
  readonly logged: object[];
  readonly counted: string[];
}

export interface Ask {
  readonly method?: 'GET' | 'POST';
  readonly body?: unknown;
  readonly token?: string | null;
  readonly headers?: Record<string, string>;
}

/** The operators' app over a database of its own, which is empty in each test. `change`: what a test has otherwise. */
export function operatorsUnderTest(change: (world: Operators) => Partial<AdminOptions> = () => ({})) {
  const world = { logged: [], counted: [] } as unknown as Operators;
  let databases: TestDatabases;

  beforeAll(async () => {
    databases = await startDatabases('pglite');
    world.database = await databases.fresh();
    world.sealing = newSealing();
    const { database, sealing } = world;
    world.ledger = newLedger(database, sealing);
    world.intake = createIntake({ database, sealing });
    const readAgain: ReadAgain = (...row) => world.readAgain(...row);
    world.app = await createAdminApp({
      ...portsOver({ ...world, clock: () => T0 + 60_000, readAgain }),
      adminToken: ADMIN,
      supportToken: SUPPORT,
      missing: () => Promise.resolve(world.missing),
      isForUs: hostRule('127.0.0.1', ['https://notify.example']),
      count: (name, labels) => world.counted.push([name, ...Object.values(labels)].join(' ')),
      log: (event, about) => world.logged.push({ event, about }),
      ...change(world),
    });
  });
  beforeEach(async () => {
    world.missing = [];
    world.readAgain = () => null;
    world.logged.length = 0;
    world.counted.length = 0;
    await world.database.query(
      `truncate notifications, decisions, subjects, suppressions, contacts, inbox, inbox_bodies, deliveries, links,
        erasures, erased_subjects, audit`,
    );
  });
  afterAll(async () => {
    await closeApp(world.app);
    await world.intake.close();
    await databases.stop();
  });

  const ask = (url: string, { method, body, token = ADMIN, headers }: Ask = {}): Promise<LightMyRequestResponse> =>
    world.app.inject({
      url,
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      headers: { ...(token === null ? {} : { authorization: `Bearer ${token}` }), ...headers },
      ...(body === undefined ? {} : { payload: body as object }),
    });

  /** Writes where an email of the kit's stands. */
  const row = (over: Partial<RecordedDecision>): Promise<void> =>
    world.ledger.record(
      { subject: KIT, projection: VIEW, decisions: [{ ...decision({ verdict: 'not_send' }), ...over }] },
      T0,
    );

  return { world, ask, row };
}
