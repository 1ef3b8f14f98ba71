import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import type { NotifyInput } from '../../src/domain/activities.js';
import type { Arrival } from '../../src/domain/arrivals.js';
import type { Subject } from '../../src/domain/subjects.js';
import { createAccess } from '../../src/access/access.js';
import { hashSecret } from '../../src/access/secrets.js';
import { createAdminApp } from '../../src/admin/app.js';
import type { EmailOutlook } from '../../src/admin/outlook.js';
import type { AdminPorts } from '../../src/admin/ports.js';
import { proxyList } from '../../src/config/ip-ranges.js';
import { readUser, type User } from '../../src/config/users.js';
import type { Database } from '../../src/database/database.js';
import { desk } from '../../src/desk/app.js';
import { createReconstruct } from '../../src/desk/reconstruction.js';
import { createEmails } from '../../src/email/compose.js';
import type { ComposedEmail, HandOver, Mailer } from '../../src/email/types.js';
import { closeApp } from '../../src/host/ports.js';
import { createIntake, type Intake } from '../../src/inbox/intake.js';
import type { ReadAgain } from '../../src/inbox/replay.js';
import type { Ledger } from '../../src/ledger/ledger.js';
import { createErasing } from '../../src/privacy/erase.js';
import type { Sealing } from '../../src/sealing/sealing.js';
import { retell } from '../../workflows/core/retell.js';
import { activitiesWith, attempt, notify } from '../activities/support.js';
import { ADMIN, portsOver } from '../admin/support.js';
import { BRAND } from '../email/fixtures.js';
import { decision, KIT, newLedger, newSealing, person, seen, T0, VIEW } from '../ledger/support.js';
import { startDatabases, type TestDatabases } from '../support/databases.js';
import { SETTINGS } from '../support/policy-settings.js';

export const SECRET = 'correct horse battery';
const CHEAP = { logN: 4, r: 8, p: 1 };

const user = async (name: string, role: string): Promise<User> => {
  const read = readUser(`${name}:${role}:${await hashSecret(SECRET, CHEAP)}`);
  if (typeof read === 'string') throw new Error(read);
  return read;
};

export type Fields = Record<string, string>;

/** What a test may look at and change. */
export interface World {
  database: Database;
  sealing: Sealing;
  ledger: Ledger;
  intake: Intake;
  app: FastifyInstance;
  now: number;
  /** Those of a usual test. */
  everybody: readonly User[];
  users: readonly User[];
  away: readonly string[];
  outlook: readonly EmailOutlook[];
  readAgain: ReadAgain;
  /** Whether the audit can be written. */
  auditWrites: boolean;
  /** Called before what is kept is kept. */
  beforeKept: () => void;
  readonly counted: string[];
  readonly logged: string[];
}

const GOES: EmailOutlook = {
  subject: KIT,
  kind: 'results.available',
  occurrence: 1,
  becomes: 'goes',
  until: null,
  reason: null,
  cause: 'operator:x',
};

/** A webhook under an id that a URL must take care of, which can't be read and may be about results. */
export const unreadable = (about: Subject, over: Partial<Arrival> = {}): Arrival => {
  const { externalId = 'wh/odd?1' } = over;
  const event = over.verdict === 'accepted' ? 'results.available' : 'webhook.unreadable';
  return {
    source: 'c4hxp',
    externalId,
    event: null,
    verdict: 'quarantined',
    reason: 'unknown_event:results.available',
    eventAt: null,
    receivedAt: T0,
    raw: Buffer.from(`{"event":"result.available","about":"${about}"}`),
    routed: [{ subject: about, fact: { event, cause: externalId ?? '', receivedAt: T0, at: T0 }, details: null }],
    links: [],
    ...over,
  };
};

/** What a browser reads in an attribute. */
const unescaped = (text: string): string =>
  text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');

/** A desk over a database of its own, with a kit of Zoë Müller's that is new in each test. */
export function deskUnderTest() {
  const world = { counted: [], logged: [] } as unknown as World;
  let databases: TestDatabases;

  beforeAll(async () => {
    databases = await startDatabases('pglite');
    world.database = await databases.fresh();
    world.sealing = newSealing();
    const { database, sealing } = world;
    world.ledger = newLedger(database, sealing, 130, () => world.now);
    world.ledger.heartbeat.start();
    world.intake = createIntake({ database, sealing });
    world.everybody = [
      await user('jane', 'support'),
      await user('omar', 'support'),
      await user('rea', 'reader'),
      await user('pia', 'privacy'),
      await user('boss', 'admin'),
      { name: 'prox', line: 'prox:privacy', role: 'privacy', secret: null },
    ];
    const access = createAccess({ database, sealing, users: () => world.users, clock: () => world.now });
    const audit: typeof access.audit = {
      ...access.audit,
      write: (entries) =>
        world.auditWrites ? access.audit.write(entries) : Promise.reject(new Error('no space left on device')),
    };
    const readAgain: ReadAgain = (...row) => world.readAgain(...row);
    const erasing = createErasing({ database, sealing, clock: () => world.now });
    const clock = (): number => world.now;
    const ports: AdminPorts = {
      ...portsOver({ database, sealing, ledger: world.ledger, intake: world.intake, clock, readAgain }),
      outlook: () => Promise.resolve([...world.outlook]),
      audit,
      keep: (arrival) => {
        world.beforeKept();
        return world.intake.keep(arrival);
      },
    };
    const log = (event: string): unknown => world.logged.push(event);
    const count = (name: string, labels: Readonly<Record<string, string>>): unknown =>
      world.counted.push([name, ...Object.values(labels)].join(' '));
    world.app = await createAdminApp({
      ...ports,
      adminToken: ADMIN,
      supportToken: null,
      missing: () => Promise.resolve([]),
      isForUs: () => true,
      trustProxy: ['10.0.0.0/8'],
      count,
      log,
      pages: (scope) =>
        desk(scope, {
          ...ports,
          ledger: world.ledger,
          access: { ...access, audit },
          erasing,
          colour: '#0b5c6b',
          zone: 'UTC',
          proxyHeader: 'X-Forwarded-User',
          isProxy: proxyList(['10.0.0.0/8']),
          away: () => world.away,
          reconstruct: createReconstruct({
            ledger: world.ledger,
            emails: createEmails({ brand: BRAND }),
            settings: SETTINGS,
            retell,
          }),
          count,
          log,
        }),
    });
  });
  beforeEach(async () => {
    world.now = T0;
    world.users = world.everybody;
    world.away = [];
    world.outlook = [GOES];
    world.readAgain = () => null;
    world.auditWrites = true;
    world.beforeKept = () => undefined;
    world.counted.length = 0;
    world.logged.length = 0;
    await world.database.query(
      `truncate audit, sessions, notifications, decisions, subjects, suppressions, contacts, inbox, inbox_bodies,
        deliveries, links, erasures, erased_subjects restart identity`,
    );
    await seen(world.database, world.sealing, { subject: KIT, person: person() });
  });
  afterAll(async () => {
    await closeApp(world.app);
    await world.intake.close();
    await world.ledger.heartbeat.stop();
    await databases.stop();
  });

  const get = (url: string, cookie = '', headers: Fields = {}): Promise<LightMyRequestResponse> =>
    world.app.inject({ url, headers: { cookie, ...headers } });
  const post = (url: string, fields: Fields, cookie = ''): Promise<LightMyRequestResponse> =>
    world.app.inject({
      url,
      method: 'POST',
      headers: { cookie, 'content-type': 'application/x-www-form-urlencoded' },
      payload: new URLSearchParams(fields).toString(),
    });
  const trySignIn = (name: string, secret = SECRET) => post('/desk/sign-in', { name, secret });
  const cookieOf = (answer: LightMyRequestResponse): string =>
    answer.cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
  const signIn = async (name: string): Promise<string> => cookieOf(await trySignIn(name));
  /** The hidden fields of the last form in a page. */
  const fieldsOf = ({ body }: LightMyRequestResponse): Fields =>
    Object.fromEntries(
      [...body.slice(body.lastIndexOf('<form')).matchAll(/type="hidden"\s+name="([^"]+)"\s+value="([^"]*)"/g)].map(
        ([, name = '', value = '']) => [name, unescaped(value)],
      ),
    );
  /** What the audit holds, the earliest first: who, what, how it ended. */
  const acts = async (): Promise<string[]> =>
    (
      await world.database.query<{ who: string; act: string; outcome: string }>(
        'select who, act, outcome from audit order by id',
      )
    ).map(({ who, act, outcome }) => `${who} ${act} ${outcome}`);
  /** What operators have asked for and was kept. */
  const commands = (): Promise<{ event: string }[]> =>
    world.database.query(`select event from inbox where source = 'operator' order by seq`);
  /** Results of the kit wait for a human, who may release or skip them. */
  const needsSkip = (): Promise<void> =>
    newLedger(world.database, world.sealing).record(
      {
        subject: KIT,
        projection: { ...VIEW, attention: [{ code: 'held_for_review', since: T0 }] },
        decisions: [
          {
            ...decision({ verdict: 'wait' }),
            kind: 'results.available',
            status: 'deferred',
            reason: 'held_for_review',
          } as never,
        ],
      },
      T0,
    );

  /** Sends an email to the kit's patient by the very activity that sends. @returns what left, if anything did */
  async function send(over: Partial<NotifyInput> = {}): Promise<ComposedEmail | null> {
    const sent: ComposedEmail[] = [];
    const mailer: Mailer = {
      handOver: (email) => {
        sent.push(email);
        return Promise.resolve<HandOver>({ outcome: 'accepted', reply: '250 queued' });
      },
      verify: () => Promise.resolve(),
      close: () => undefined,
    };
    const emails = createEmails({ brand: BRAND });
    const { email } = activitiesWith(world.ledger, mailer, { emails, clock: () => world.now });
    await attempt(email.notifyPatient, [notify({ at: world.now, ...over })]).result;
    return sent[0] ?? null;
  }

  return { world, send, get, post, trySignIn, cookieOf, signIn, fieldsOf, acts, commands, needsSkip };
}
