import { existsSync } from 'node:fs';
import { Resolver } from 'node:dns/promises';
import { join } from 'node:path';
import { createC4hxpClient } from '../c4hxp/api/client.js';
import { type Settings, workerVersion } from '../config.js';
import { emailSettings } from '../config/email.js';
import { Refusal } from '../config/refusal.js';
import { createMeta } from '../database/meta.js';
import { sql, type Queryable } from '../database/sql.js';
import { DAY } from '../domain/durations.js';
import { dkimFinding, dmarcFinding, type DnsFinding, type ResolveTxt, spfFinding } from '../email/sender-dns.js';
import { createAlerts } from '../ledger/alerts.js';
import { type CountedWord, listUnknownWords } from '../ledger/unknown-words.js';
import { createRetention, type LastRun, type RetentionDue } from '../privacy/retention.js';
import { createBrand, createEmailing, readOwnEmails } from '../process/emailing.js';
import { isAnythingSealedUnder, keysInUse } from '../privacy/keys-in-use.js';
import { keysFinding } from '../privacy/keys-said.js';
import { keysOf, withDatabase } from '../process/storage.js';
import { openTemporal } from '../process/temporal-side.js';
import { checkKeys, createSealing } from '../sealing/sealing.js';
import type { Temporal } from '../temporal/connection.js';
import { prepareTemporal } from '../temporal/namespace.js';
import { deploymentOf, versionsAtWork, type WorkerVersion } from '../temporal/versions.js';
import { saidWords } from './words-said.js';

export interface DoctorCheck {
  readonly what: string;
  /** Answers with what it has seen, which may be a warning. @throws with what is wrong, in one sentence. */
  run(): Promise<string | { readonly warning: string }>;
}

const PARTNER_TIMEOUT_MS = 10_000;

/** What there is to look at under these settings, in the order in which one would mend it. */
export function checksOf(settings: Settings, env: NodeJS.ProcessEnv): DoctorCheck[] {
  return [
    { what: 'settings', run: () => Promise.resolve(settings.production ? 'fit for production' : 'for development') },
    { what: 'database', run: () => database(settings) },
    { what: 'keys', run: () => keys(settings) },
    { what: 'emails', run: () => emails(settings) },
    { what: 'mail server', run: () => mailServer(settings) },
    { what: 'DKIM', run: () => dkim(settings) },
    { what: 'SPF', run: () => ofEachSender(settings, spfFinding) },
    { what: 'DMARC', run: () => ofEachSender(settings, dmarcFinding) },
    { what: 'Temporal', run: () => temporal(settings, env, prepared) },
    { what: 'workers', run: () => temporal(settings, env, (opened) => polled(opened, settings)) },
    { what: 'staff.alert', run: () => alerts(settings) },
    { what: 'retention', run: () => retention(settings) },
    { what: "C4HXP's API", run: () => partner(settings) },
    { what: "C4HXP's words", run: () => words(settings) },
  ];
}

export async function database(settings: Settings): Promise<string> {
  return await withDatabase(settings, async (opened) => {
    const isThere = await hasTable(opened, 'inbox');
    if (!(await opened.takesWrites())) throw new Error('it answers, and takes no writes: a standby, or read-only');
    if (!isThere) return `${opened.kind} answers; its schema is made at the first start`;
    return `${opened.kind} answers`;
  });
}

/** Before the first start there is none. */
export async function hasTable(database: Queryable, name: string): Promise<boolean> {
  const [table] = await database.query<{ there: boolean }>(sql`select to_regclass(${name}) is not null as there`);
  return table?.there === true;
}

/** How much hangs on each key, and which may be taken out. */
export async function keys(settings: Settings): Promise<string> {
  return await withDatabase(settings, async (opened) => {
    const isThere = await hasTable(opened, 'inbox');
    if (!isThere) return 'nothing is sealed yet';
    if (settings.encryptionKeys.length === 0 && !existsSync(join(settings.dataDir, 'keys.json'))) {
      const { encryption } = await keysInUse(opened, { encryption: [], index: [] });
      if (encryption.length === 0) return 'nothing is sealed yet';
      throw new Refusal(
        `${settings.dataDir}/keys.json is gone: put it back, without it nothing that is sealed can be read`,
      );
    }
    const sealing = createSealing(await keysOf(settings));
    await checkKeys(sealing, createMeta(opened), (id) => isAnythingSealedUnder(opened, id));
    return keysFinding(await keysInUse(opened, sealing.keyIds));
  });
}

async function emails(settings: Settings): Promise<string> {
  await readOwnEmails(settings, createBrand(settings));
  return settings.emailTemplatesDir === null ? 'our own wording' : `${settings.emailTemplatesDir} is sound`;
}

async function mailServer(settings: Settings): Promise<string> {
  if (settings.smtpUrl === null) return 'none configured: a mailbox is embedded';
  const { mailer } = createEmailing(settings, { brand: createBrand(settings), own: {} }, settings.smtpUrl);
  try {
    await mailer.verify();
    return 'answers and takes our credentials';
  } finally {
    mailer.close();
  }
}

/** One look that gets no answer must not hold up the rest. */
const resolver = new Resolver({ timeout: 2_000, tries: 2 });
const resolveTxt: ResolveTxt = (name) => resolver.resolveTxt(name);

const saidOf = ({ verdict, said }: DnsFinding): string | { warning: string } =>
  verdict === 'warning' ? { warning: said } : said;

/** The domains that emails are from; empty where none is set. */
function senderDomains(settings: Settings): string[] {
  if (settings.emailFrom === null) return [];
  const { from, fromReminders } = emailSettings(settings);
  const addresses = [from, ...(fromReminders === null ? [] : [fromReminders])].map(({ address }) => address);
  return [...new Set(addresses.map((address) => address.slice(address.lastIndexOf('@') + 1).toLowerCase()))];
}

async function dkim(settings: Settings): Promise<string | { warning: string }> {
  const { dkim: signing } = emailSettings(settings);
  if (signing === null) return 'not by us: the mail server signs, or nobody';
  return saidOf(await dkimFinding(signing, senderDomains(settings), resolveTxt));
}

/** The first that warns, else all. */
async function ofEachSender(
  settings: Settings,
  find: (domain: string, resolve: ResolveTxt) => Promise<DnsFinding>,
): Promise<string | { warning: string }> {
  const domains = senderDomains(settings);
  if (domains.length === 0) return 'not looked at: EMAIL_FROM is not set';
  const findings = await Promise.all(domains.map((domain) => find(domain, resolveTxt)));
  const warned = findings.find(({ verdict }) => verdict === 'warning');
  return warned === undefined ? findings.map(({ said }) => said).join('; ') : saidOf(warned);
}

export async function temporal<Said>(
  settings: Settings,
  env: NodeJS.ProcessEnv,
  check: (opened: Temporal) => Promise<Said>,
): Promise<Said | string> {
  if (settings.temporalAddress === null) return 'none configured: its dev server is embedded';
  const opened = openTemporal(settings.temporalAddress, settings.temporalNamespace, env);
  try {
    return await check(opened);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Error(`no answer from ${opened.address}: see that it is up and that its namespace lets us in`, {
      cause: error,
    });
  } finally {
    await opened.close();
  }
}

export async function prepared({ client, namespace }: Temporal): Promise<string> {
  await prepareTemporal(client, namespace);
  return `namespace ${namespace} answers and knows our search attributes`;
}

/** With worker versioning and no current version, workflows would wait for ever for a worker that is there. */
async function polled({ client, namespace }: Temporal, settings: Settings): Promise<string> {
  const atWork = await versionsAtWork(client, namespace);
  const deployment = await deploymentOf(client, namespace, settings.temporalDeploymentName);
  return workersFinding(atWork, deployment?.current ?? null, workerVersion(settings));
}

/** Whether the team hears of what needs a human. */
async function alerts(settings: Settings): Promise<string> {
  const { alertEmail } = settings;
  if (alertEmail.length === 0) return 'ALERT_EMAIL is empty: only told and the metric show what needs a human';
  const fault = await withDatabase(settings, async (opened) => {
    const isThere = await hasTable(opened, 'staff_alerts');
    if (!isThere) return null;
    return await createAlerts(opened, createSealing(await keysOf(settings))).fault(alertEmail);
  });
  if (fault !== null) throw new Refusal(fault);
  return 'none is kept from the team';
}

/** Whether what is old enough goes. */
async function retention(settings: Settings): Promise<string> {
  return await withDatabase(settings, async (opened) => {
    const isThere = await hasTable(opened, 'expiry_alarms');
    if (!isThere) return 'nothing is kept yet';
    const { retentionBodies: bodies, retentionLedger: ledger } = settings;
    const kept = createRetention({ database: opened, bodies, ledger });
    return retentionFinding(await kept.due(), await kept.last(), Date.now());
  });
}

/** Longer than between two runs of the schedule, and the time that one may take. */
const LATE_MS = DAY;

/** @throws Refusal where something old is stuck, or nothing has run for a day although something is due. */
export function retentionFinding(due: RetentionDue, last: LastRun | null, now: number): string {
  if (due.heldPending > 0)
    throw new Refusal(
      `${String(due.heldPending)} webhooks are old enough to expire and have not reached their journey: see that Temporal answers and a worker runs`,
    );
  const waits = `${String(due.bodies)} bodies and ${String(due.journeys)} ended journeys are due`;
  const ran = last === null ? 'it has not run yet' : `it ran last ${last.at}`;
  const isLate = last === null || now - Date.parse(last.at) > LATE_MS;
  if (isLate && due.bodies + due.journeys > 0)
    throw new Refusal(`${waits}, and ${ran}: look at the schedule "retention" in Temporal, and that a worker runs`);
  const unread = due.alarmed + due.heldQuarantined;
  return `${waits}; ${ran}${unread === 0 ? '' : `; ${String(unread)} that can't be read expire soon: look at webhooks list`}`;
}

/** Whether the partner says things that nobody understands. */
async function words(settings: Settings): Promise<string> {
  return await withDatabase(settings, async (opened) => {
    const isThere = await hasTable(opened, 'unknown_words');
    return wordsFinding(isThere ? await listUnknownWords(opened) : []);
  });
}

/** The words that no table has. They are no fault of ours, and nothing that would have to be mended before it goes on. */
export function wordsFinding(words: readonly CountedWord[]): string {
  if (words.length === 0) return 'all that its answers said is known';
  return `not known, so a human was asked each time: ${saidWords(words)}; whoever knows what they mean adds them (docs/partner.md, "Words")`;
}

async function partner({ partnerApiUrl: origin, partnerApiKey: apiKey }: Settings): Promise<string> {
  if (origin === null || apiKey === null) return 'not configured: nobody is asked about silent kits';
  const api = createC4hxpClient({ origin, apiKey, timeoutMs: PARTNER_TIMEOUT_MS, clock: Date.now });
  try {
    const { outcome } = await api.health();
    if (outcome !== 'answered')
      throw new Refusal(`${origin} gave no answer (${outcome}): check PARTNER_API_URL and _KEY`);
    return `${origin} answers`;
  } finally {
    await api.close();
  }
}

/**
 * Whether the journeys have workers that Temporal gives them to: with versions and none current, journeys would wait for
 * ever for a worker that is there.
 * @param atWork the versions of those who work on them now; null stands for workers without one.
 * @param current the deployment's current build; null: none.
 * @param ours what this release is set to be; null: not versioned.
 * @throws Refusal with what to do.
 */
export function workersFinding(
  atWork: readonly (WorkerVersion | null)[],
  current: string | null,
  ours: WorkerVersion | null,
): string {
  if (atWork.length === 0) throw new Refusal('nobody works on the journeys: start kit-herald worker');
  const builds = atWork.flatMap((one) => (one === null ? [] : [one.buildId]));
  if (current === null) {
    if (atWork.includes(null))
      return builds.length === 0 ? 'at work, not versioned' : `at work, not versioned, beside ${builds.join(', ')}`;
    throw new Refusal('no version is current, so the journeys wait: run kit-herald make-current');
  }
  if (!builds.includes(current))
    throw new Refusal(
      `version ${current} is current and none of its workers is there: start them, or run kit-herald make-current`,
    );
  if (ours !== null && ours.buildId !== current)
    throw new Refusal(
      `version ${current} is current, not ${ours.buildId}: run kit-herald make-current when it should be`,
    );
  return `at work, version ${current} is current`;
}
