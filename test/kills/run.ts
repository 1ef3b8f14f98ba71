import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WEBHOOK_PATH } from '../../src/c4hxp/webhook/signature.js';
import { kitSubject, STAFF } from '../../src/domain/subjects.js';
import { rawOf, sampleEvent } from '../../src/sandbox/samples/sample.js';
import type { SmtpSink } from '../support/smtp-sink.js';
import { inflict, mailTroubles } from './inflict.js';
import { storiesOfLives, type Inquiry } from './inquiry.js';
import { judge, unsettled, type Befallen, type Evidence, type Mail, type Violation } from './judge.js';
import { newLife, type Life } from './lives.js';
import { planOf, type FaultName } from './plan.js';
import { seededRandom, type Random } from './random.js';
import { createSender, type Sender } from './sender.js';
import { ALERT_ADDRESS, startSystem, type System } from './system.js';

export interface RunOptions {
  readonly seconds: number;
  readonly seed: number;
  /** The faults that may befall it. */
  readonly only: readonly FaultName[];
  /** Leaves the logs, and all that the judge saw, in the temporary folder. */
  readonly keep: boolean;
  readonly say: (sentence: string) => void;
}

/** What a run came to. */
export interface Ran {
  readonly evidence: Evidence;
  readonly violations: readonly Violation[];
  /** ms from the last fault's end until all was at rest; null: it never was. */
  readonly settledAfter: number | null;
  /** Processes that ended though nobody had told them to, and how. */
  readonly endings: readonly string[];
}

/** A new life begins every so often (ms): about six webhooks a second. */
const LIFE_EVERY_MS = 1_000;
const ONE_FORGERY_IN = 6;
/** All must be at rest so long after the last fault (ms). */
const SETTLES_WITHIN_MS = 600_000;
const LOOK_EVERY_MS = 4_000;
/** Once all is at rest it is looked at again so much later (ms): what comes late would come now. */
const STAYS_MS = 6_000;
const REPORT_EVERY_MS = 30_000;

/** Leads lives while faults come, waits until all is at rest, and judges. Leaves no process and no file behind. */
export async function run(options: RunOptions): Promise<Ran> {
  const { keep, say } = options;
  const folder = mkdtempSync(join(tmpdir(), 'kit-herald-kills-'));
  const remove = (): void => {
    if (!keep) rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', remove);
  const cleanups: (() => Promise<unknown>)[] = [];
  try {
    const system = await startSystem(folder, cleanups);
    if (keep) say(`logs are in ${folder}`);
    const ran = await play(system, options);
    if (keep) writeFileSync(join(folder, 'evidence.json'), evidenceText(ran), { mode: 0o600 });
    return ran;
  } finally {
    for (const cleanup of cleanups.reverse())
      await cleanup().catch((error: unknown) => {
        say(String(error));
      });
    process.off('exit', remove);
    remove();
  }
}

const evidenceText = ({ evidence, violations }: Ran): string =>
  JSON.stringify({ violations, ...evidence, stories: Object.fromEntries(evidence.stories) }, null, 1);

async function play(system: System, { seconds, seed, only, say }: RunOptions): Promise<Ran> {
  const { smtp, inquiry, receivers, secret } = system;
  // One row of numbers for each, because what happens beside it must not change what is led or inflicted.
  const [ofLives, ofFaults, ofSender, ofMail] = [0, 1, 2, 3].map((which) => seededRandom(seed * 4 + which)) as [
    Random,
    Random,
    Random,
    Random,
  ];
  const plan = planOf(ofFaults, seconds, only);
  const urls = receivers.map((url) => `${url}${WEBHOOK_PATH}`) as [string, string];
  const sender = createSender({ urls, secret, random: ofSender });
  const mail = mailTroubles(smtp, ofMail);
  const began = Date.now();
  const tell = (words: string): void => {
    say(`${((Date.now() - began) / 1_000).toFixed(0).padStart(4)} s  ${words}`);
  };

  const faults: Befallen[] = [];
  const leading = leadLives(sender, ofLives, seconds);
  await Promise.all(
    plan.map(async (fault) => {
      await sleep(Math.max(0, began + fault.at - Date.now()));
      tell(`${fault.name}, for ${(fault.lasts / 1_000).toFixed(1)} s`);
      const from = Date.now();
      await inflict(fault, system, mail);
      faults.push({ name: fault.name, from, to: Date.now() });
    }),
  );
  const lastFault = Date.now();
  tell('the last fault is over; waiting until all is at rest');
  const lives = await leading;
  const deadline = lastFault + SETTLES_WITHIN_MS;
  const settledAt = await whenSettled({ inquiry, sender, lives, deadline, tell });
  await sender.stop();

  const others = [...sender.forgeries.map(({ subject }) => subject), STAFF];
  const evidence: Evidence = {
    lives,
    sent: sender.sent,
    forgeries: sender.forgeries,
    mails: smtp.mails.map(toMail),
    stories: new Map([...(await storiesOfLives(inquiry, lives)), ...(await inquiry.storiesOf(others))]),
    alertAddress: ALERT_ADDRESS,
    faults,
    stops: Object.values(system.members).flatMap(({ stops }) => stops),
  };
  return {
    evidence,
    violations: [...judge(evidence), ...(await unhealthy(receivers))],
    settledAfter: settledAt === null ? null : Math.max(0, settledAt - lastFault),
    endings: Object.values(system.members).flatMap(({ name, endings }) => endings.map((how) => `${name}: ${how}`)),
  };
}

/** Begins lives until the faults end. */
async function leadLives(sender: Sender, random: Random, seconds: number): Promise<readonly Life[]> {
  const lives: Life[] = [];
  const end = Date.now() + seconds * 1_000;
  while (Date.now() < end) {
    const life = newLife(random, Date.now());
    lives.push(life);
    sender.lead(life);
    if (random.between(1, ONE_FORGERY_IN) === 1) {
      const barcode = `XF${random.digits(10)}`;
      const address = `forged.${barcode}@example.com`;
      const set = { patient: { first_name: 'Not', last_name: 'Theirs', email: address } };
      sender.forge({
        subject: kitSubject(barcode),
        address,
        raw: rawOf(sampleEvent('results.available', { barcode, set })),
      });
    }
    await sleep(LIFE_EVERY_MS);
  }
  return lives;
}

const toMail = (mail: SmtpSink['mails'][number]): Mail => ({
  messageId: mail.messageId ?? '',
  to: mail.recipients,
  subject: mail.subject ?? '',
  at: mail.at,
});

interface Waiting {
  readonly inquiry: Inquiry;
  readonly sender: Sender;
  readonly lives: readonly Life[];
  /** ms since the epoch */
  readonly deadline: number;
  readonly tell: (words: string) => void;
}

/** When all was at rest and stayed so; null when it was not by the deadline. */
async function whenSettled({ inquiry, sender, lives, deadline, tell }: Waiting): Promise<number | null> {
  const restlessOf = async (some: readonly Life[]): Promise<Life[]> => {
    const stories = await storiesOfLives(inquiry, some);
    return some.filter(({ expected, posts, name }) => {
      const sent = sender.sent.filter(({ post }) => posts.includes(post));
      return sent.length < posts.length || unsettled({ lives: [{ expected, posts, name }], sent, stories }).length > 0;
    });
  };
  let restless = lives;
  let told = 0;
  while (Date.now() < deadline) {
    try {
      restless = await restlessOf(restless);
      const at = Date.now();
      if (restless.length === 0) {
        await sleep(STAYS_MS);
        restless = await restlessOf(lives);
        if (restless.length === 0) return at;
      }
    } catch (error) {
      tell(String(error));
    }
    if (Date.now() - told > REPORT_EVERY_MS) {
      told = Date.now();
      tell(`${String(restless.length)} of ${String(lives.length)} lives are not at rest`);
    }
    await sleep(LOOK_EVERY_MS);
  }
  return null;
}

/** Each receiver says that it is ready and healthy, now that nothing is wrong. */
async function unhealthy(receivers: readonly string[]): Promise<Violation[]> {
  const violations: Violation[] = [];
  for (const url of receivers) {
    const ready = await fetch(`${url}/readyz`).catch(() => null);
    const health = await fetch(`${url}/webhooks/health`).catch(() => null);
    const said = health === null ? null : ((await health.json()) as { status?: string });
    if (ready?.status !== 200 || said?.status !== 'healthy')
      violations.push({
        rule: 'all settled',
        about: url,
        sentence: `readiness is ${String(ready?.status)}, health is ${said?.status ?? 'silent'}`,
      });
  }
  return violations;
}
