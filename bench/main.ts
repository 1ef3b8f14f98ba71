import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startSmtpSink } from '../test/support/smtp-sink.js';
import {
  type Contender,
  startApart,
  startBare,
  startHerald,
  startPlain,
  startQueue,
  startReceiver,
  startSignalPerRequest,
} from './contenders.js';
import { type Acknowledging, ACKNOWLEDGING, type Burst, type Run, SENDING, type Sending, timesOf } from './figures.js';
import { measureBeside } from './beside.js';
import { type Growth, measureGrowth } from './growth.js';
import { load, type Measured } from './load.js';
import { QUIET_LOAD, thisMachine } from './machine.js';
import { chartOf, growthOf, pageOf, tableOf, withTable } from './report.js';
import { measureWay, type Way } from './way.js';

/**
 * How fast webhooks are acknowledged, and how soon the patient's email is with the mail server, beside what others would
 * write: docs/performance.md says who they are and what the figures mean.
 *
 * Each contender is measured alone, in turns: started on an empty folder, warmed, measured, stopped, and only then the
 * next one. kit-herald is what `npm start` runs, with its usual log: receiver, relay, worker, database, Temporal and
 * mailbox share the cores with what they take in. Only ratios mean anything: machines are noisy.
 */
const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    json: { type: 'string' },
    publish: { type: 'boolean', default: false },
    guard: { type: 'boolean', default: false },
    growth: { type: 'boolean', default: false },
  },
});
const { quick, guard, growth } = values;
const rounds = Number(values.rounds ?? (quick ? 1 : 3));
const FLOOD_SECONDS = quick ? 5 : 8;
const STEADY_SECONDS = quick ? 8 : 20;
const WAY = quick ? { quiet: 30, burst: 200 } : { quiet: 100, burst: 600 };
const BURST_WEBHOOKS = quick ? 2_000 : 20_000;
const IDLE_SECONDS = quick ? 10 : 30;
const GROWTH_SIZES = quick ? [1_000, 50_000] : [1_000, 100_000, 1_000_000];

type Start = (folder: string, smtpUrl: string) => Promise<Contender>;
/** As `npm start` runs it, with the mailbox that it brings along. */
const startWhole: Start = (folder) => startHerald(folder);
const STARTS: Readonly<Record<Acknowledging | Sending, Start>> = {
  bare: startBare,
  'signal per request': startSignalPerRequest,
  'queue, then signal': startQueue,
  'plain workflow': startPlain,
  'kit-herald': startHerald,
  'kit-herald apart': startApart,
  'kit-herald receiver': startReceiver,
};
const CONNECTIONS = 50;
const STEADY_RATE = 500;
/** Enough for what is compiled as it runs. */
const WARMING = { rate: 300, seconds: 5 };
/** For what a stopped contender leaves to the kernel. */
const REST_MS = 2_000;
/** The guard fails below this share of the ratio that was published last, in each of so many tries. */
const HALVED = 0.5;
const GUARD_TRIES = 3;

const published = fileURLToPath(new URL('../../docs/performance.json', import.meta.url));
process.exitCode = guard ? await standGuard() : growth ? await measureHowItGrows() : await measureAll();

async function measureAll(): Promise<number> {
  const machine = thisMachine();
  process.stdout.write(`${machine.processor}, ${String(machine.cores)} cores, Node ${machine.node}\n`);
  if (machine.loadBefore > QUIET_LOAD)
    process.stdout.write(
      `The machine is not quiet (load ${machine.loadBefore.toFixed(1)}): these figures mean little.\n`,
    );

  const flood = seriesFor<Acknowledging, Measured>(ACKNOWLEDGING);
  const ways = seriesFor<Sending, Way>(SENDING);
  const steady: Measured[] = [];
  const bursts: Burst[] = [];
  const idlePercent: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    const say = (what: string, figures: string): void => {
      process.stdout.write(`${`round ${String(round)}, ${what}`.padEnd(34)} ${figures}\n`);
    };
    for (const name of ACKNOWLEDGING) {
      const measured = await flooded(name, FLOOD_SECONDS, null);
      flood[name].push(measured);
      say(name, answers(measured));
    }
    const evenly = await flooded('kit-herald', STEADY_SECONDS, STEADY_RATE);
    steady.push(evenly);
    say(`even ${String(STEADY_RATE)} a second`, answers(evenly));
    for (const name of SENDING) {
      const way = await wayAlone(name);
      ways[name].push(way);
      say(
        name,
        `${way.emailsPerSecond.toFixed(0).padStart(6)} emails/s p50 ${way.p50Ms.toFixed(0).padStart(4)} ms   ` +
          `p99 ${way.p99Ms.toFixed(0).padStart(4)} ms   ${way.cpuMsPerEmail.toFixed(1)} ms of processor each`,
      );
    }
    const { burst, idle } = await burstAndIdle();
    bursts.push(burst);
    idlePercent.push(idle);
    say(
      `${String(burst.webhooks)} at once`,
      `acknowledged in ${burst.acknowledgedSeconds.toFixed(1)} s, carried on in ${burst.carriedSeconds.toFixed(1)} s`,
    );
    say('idle', `${idle.toFixed(1)} % of a core`);
  }

  const run: Run = {
    ...machine,
    quick,
    flood,
    steadyRate: STEADY_RATE,
    steady,
    ways,
    bursts,
    idlePercent,
  };
  process.stdout.write(`\n${tableOf(run)}\n`);
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(run, null, 2)}\n`);
  if (values.publish) publish({ ...run, growth: lastPublished()?.growth });
  return 0;
}

/** By itself: what is published of the contenders stays. */
async function measureHowItGrows(): Promise<number> {
  const say = (what: string): void => {
    process.stdout.write(`${what}\n`);
  };
  const costs = await measureGrowth({ sizes: GROWTH_SIZES, rounds, say });
  const beside = await turn(startApart, async (contender) => {
    await warm(contender);
    return await measureBeside(contender, { rate: STEADY_RATE, seconds: STEADY_SECONDS, rounds });
  });
  const measured: Growth = { ...costs, beside };
  process.stdout.write(`\n${growthOf(measured)}\n`);
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(measured, null, 2)}\n`);
  const last = lastPublished();
  if (values.publish && last !== null) publish({ ...last, growth: measured });
  return 0;
}

function lastPublished(): Run | null {
  return existsSync(published) ? (JSON.parse(readFileSync(published, 'utf8')) as Run) : null;
}

/** The page and the picture say what this run measured. */
function publish(run: Run): void {
  writeFileSync(published, `${JSON.stringify(run, null, 2)}\n`);
  writeFileSync(new URL('../../docs/pictures/performance.svg', import.meta.url), chartOf(run));
  const page = new URL('../../docs/performance.md', import.meta.url);
  writeFileSync(page, withTable(readFileSync(page, 'utf8'), pageOf(run)));
}

/** Whether kit-herald still does at least half as well beside its peer as when figures were published. */
async function standGuard(): Promise<number> {
  if (!existsSync(published)) {
    process.stdout.write(
      'no run has been published that this one could be compared with: npm run bench -- --publish\n',
    );
    return 1;
  }
  const last = JSON.parse(readFileSync(published, 'utf8')) as Run;
  const usual = timesOf(last, 'kit-herald', 'signal per request').median;
  for (let attempt = 1; attempt <= GUARD_TRIES; attempt++) {
    const peer = await flooded('signal per request', FLOOD_SECONDS, null);
    const ours = await flooded('kit-herald', FLOOD_SECONDS, null);
    const ratio = ours.perSecond / peer.perSecond;
    process.stdout.write(
      `${ours.perSecond.toFixed(0)} acknowledgements a second, ${ratio.toFixed(1)} times a signal per request; ` +
        `${usual.toFixed(1)} times when it was published\n`,
    );
    if (ratio >= usual * HALVED) return 0;
  }
  process.stdout.write(`kit-herald has become less than half as fast as docs/performance.json says\n`);
  return 1;
}

/** One turn of one contender, with nothing of another left running. */
async function flooded(name: Acknowledging, seconds: number, evenly: number | null): Promise<Measured> {
  return await turn(name === 'kit-herald' ? startWhole : STARTS[name], async (contender) => {
    await warm(contender);
    return await load({ ...contender, connections: CONNECTIONS, seconds, rate: evenly });
  });
}

async function warm(contender: Contender): Promise<void> {
  await load({ ...contender, connections: CONNECTIONS, ...WARMING });
  await contender.settled();
}

async function burstAndIdle(): Promise<{ burst: Burst; idle: number }> {
  return await turn(startWhole, async (contender) => {
    await warm(contender);
    const cpuBefore = contender.cpuMs();
    await sleep(IDLE_SECONDS * 1_000);
    const idle = (contender.cpuMs() - cpuBefore) / (IDLE_SECONDS * 10);

    const began = performance.now();
    const secondsSince = (): number => (performance.now() - began) / 1_000;
    await load({ ...contender, connections: CONNECTIONS, webhooks: BURST_WEBHOOKS, rate: null });
    const acknowledgedSeconds = secondsSince();
    await contender.carried();
    return { burst: { webhooks: BURST_WEBHOOKS, acknowledgedSeconds, carriedSeconds: secondsSince() }, idle };
  });
}

async function wayAlone(name: Sending): Promise<Way> {
  return await turn(STARTS[name], (contender, sink) => measureWay(contender, sink, WAY));
}

async function turn<T>(
  start: Start,
  measure: (contender: Contender, sink: Awaited<ReturnType<typeof startSmtpSink>>) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'kit-herald-bench-'));
  const sink = await startSmtpSink();
  try {
    const contender = await start(folder, sink.url);
    try {
      return await measure(contender, sink);
    } finally {
      await contender.stop();
    }
  } finally {
    await sink.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    await sleep(REST_MS);
  }
}

function seriesFor<Name extends string, Figure>(names: readonly Name[]): Record<Name, Figure[]> {
  return Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, Figure[]>;
}

function answers({ perSecond, p50Ms, p99Ms, refused }: Measured): string {
  return (
    `${Math.round(perSecond).toString().padStart(6)} acks/s   p50 ${p50Ms.toFixed(0).padStart(4)} ms   ` +
    `p99 ${p99Ms.toFixed(0).padStart(4)} ms${refused > 0 ? `   ${String(refused)} refused` : ''}`
  );
}
