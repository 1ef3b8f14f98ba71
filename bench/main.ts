import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startSmtpSink } from '../test/support/smtp-sink.js';
import { startApart, startBare, startHerald, startPlain, startSignalPerRequest, type Contender } from './contenders.js';
import { load, type Measured } from './load.js';
import { measureWay, type Way } from './way.js';

/**
 * How fast webhooks are acknowledged, beside two peers on the same machine in the same run: a bare Fastify with HMAC and
 * no store (what HTTP costs), and a handler that calls signalWithStart for each request (what most would write first).
 * And how soon the patient's email is with the mail server, and how many a second, beside a plain workflow that sends it.
 *
 * Each is measured alone, in turns: started on an empty folder, warmed, measured, stopped, and only then the next one.
 * kit-herald is what `npm start` runs, with its usual log: receiver, relay, worker, database, Temporal and mailbox share
 * the cores with what they take in, and what a flood leaves behind is nobody else's burden. Only ratios mean anything:
 * machines are noisy.
 */
const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    steady: { type: 'string' },
    json: { type: 'string' },
  },
});
const { quick } = values;
const rounds = Number(values.rounds ?? (quick ? 1 : 3));
const seconds = Number(values.seconds ?? (quick ? 5 : 8));
const steadySeconds = Number(values.steady ?? (quick ? 8 : 20));
const wayOptions = quick ? { quiet: 30, burst: 200 } : { quiet: 100, burst: 600 };

const CONTENDERS = { bare: startBare, 'signal per request': startSignalPerRequest, 'kit-herald': startHerald };
/** The ways to the patient: these send to a mail server of the benchmark's own. */
const WAYS = { plain: startPlain, 'kit-herald': startHerald, 'kit-herald apart': startApart };
const CONNECTIONS = 50;
const STEADY_RATE = 500;
/** So few that none has a backlog worth the name when it is measured, and enough for what is compiled as it runs. */
const WARMING = { rate: 300, seconds: 5 };
/** For what a stopped contender leaves to the kernel. */
const REST_MS = 2_000;
/** More than that before the first turn is somebody else's work. */
const QUIET_LOAD = 0.5;

const [loadBefore = 0] = loadavg();
process.stdout.write(`${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, Node ${process.version}\n`);
if (loadBefore > QUIET_LOAD)
  process.stdout.write(`The machine is not quiet (load ${loadBefore.toFixed(1)}): these figures mean little.\n`);

const full = new Map<string, Measured[]>();
const steady: Measured[] = [];
const ways = new Map<string, Way[]>();
for (let round = 1; round <= rounds; round++) {
  for (const [name, start] of Object.entries(CONTENDERS)) {
    const measured = await alone(start, { seconds, rate: null });
    full.set(name, [...(full.get(name) ?? []), measured]);
    report(`round ${String(round)}, ${name}`, measured);
  }
  const measured = await alone(startHerald, { seconds: steadySeconds, rate: STEADY_RATE });
  steady.push(measured);
  report(`round ${String(round)}, steady ${String(STEADY_RATE)}/s`, measured);
  for (const [name, start] of Object.entries(WAYS)) {
    const way = await wayAlone(start);
    ways.set(name, [...(ways.get(name) ?? []), way]);
    process.stdout.write(
      `${`round ${String(round)}, ${name}`.padEnd(30)} ${way.emailsPerSecond.toFixed(0).padStart(4)} emails/s   ` +
        `p50 ${way.p50Ms.toFixed(0).padStart(4)} ms   p99 ${way.p99Ms.toFixed(0).padStart(4)} ms   ` +
        `${way.cpuMsPerEmail.toFixed(1).padStart(5)} ms of processor each\n`,
    );
  }
}

const rate = (name: keyof typeof CONTENDERS) => median((full.get(name) ?? []).map(({ perSecond }) => perSecond));
const figures = {
  loadBefore: round2(loadBefore),
  acksPerSecond: Object.fromEntries(
    [...full].map(([name]) => [name, Math.round(rate(name as keyof typeof CONTENDERS))]),
  ),
  timesSignalPerRequest: round2(rate('kit-herald') / rate('signal per request')),
  timesBare: round2(rate('kit-herald') / rate('bare')),
  p50AtSteady500Ms: round2(median(steady.map(({ p50Ms }) => p50Ms))),
  p99AtSteady500Ms: round2(median(steady.map(({ p99Ms }) => p99Ms))),
  way: Object.fromEntries([...ways].map(([name, measured]) => [name, medians(measured)])),
  refused: [...full.values(), steady].flat().reduce((sum, { refused }) => sum + refused, 0),
};
process.stdout.write(`\n${JSON.stringify(figures, null, 2)}\n`);
if (values.json !== undefined)
  writeFileSync(values.json, `${JSON.stringify({ figures, full: [...full], steady, ways: [...ways] }, null, 2)}\n`);

/** One turn of one contender, with nothing of another left running. */
async function alone(
  start: (folder: string) => Promise<Contender>,
  measuring: { readonly seconds: number; readonly rate: number | null },
): Promise<Measured> {
  return await turn(start, async (contender) => {
    const { url, secret } = contender;
    await load({ url, secret, connections: CONNECTIONS, ...WARMING });
    await contender.settled();
    return await load({ url, secret, connections: CONNECTIONS, ...measuring });
  });
}

async function wayAlone(start: (folder: string, smtpUrl: string) => Promise<Contender>): Promise<Way> {
  const sink = await startSmtpSink();
  try {
    return await turn(
      (folder) => start(folder, sink.url),
      (contender) => measureWay(contender, sink, wayOptions),
    );
  } finally {
    await sink.close();
  }
}

async function turn<T>(
  start: (folder: string) => Promise<Contender>,
  measure: (contender: Contender) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'kit-herald-bench-'));
  try {
    const contender = await start(folder);
    try {
      return await measure(contender);
    } finally {
      await contender.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    await sleep(REST_MS);
  }
}

function report(what: string, { perSecond, p50Ms, p99Ms, refused }: Measured): void {
  process.stdout.write(
    `${what.padEnd(30)} ${Math.round(perSecond).toString().padStart(6)} acks/s   p50 ${p50Ms.toFixed(0).padStart(4)} ms   ` +
      `p99 ${p99Ms.toFixed(0).padStart(4)} ms${refused > 0 ? `   ${String(refused)} refused` : ''}\n`,
  );
}

function medians(measured: readonly Way[]): Way {
  const of = (name: keyof Way): number => round2(median(measured.map((way) => way[name])));
  return {
    p50Ms: of('p50Ms'),
    p99Ms: of('p99Ms'),
    emailsPerSecond: of('emailsPerSecond'),
    cpuMsPerEmail: of('cpuMsPerEmail'),
  };
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function round2(value: number): number {
  return Math.round(value * 100) / 100;
}
