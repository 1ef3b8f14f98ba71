import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startBare, startHerald, startSignalPerRequest, type Contender } from './contenders.js';
import { load, type Measured } from './load.js';

/**
 * How fast webhooks are acknowledged, beside two peers on the same machine in the same run: a bare Fastify with HMAC and
 * no store (what HTTP costs), and a handler that calls signalWithStart for each request (what most would write first).
 *
 * Each is measured alone, in turns: started on an empty folder, warmed, measured, stopped, and only then the next one.
 * kit-herald is what `npm start` runs, with its usual log: receiver, relay, worker, database, Temporal and mailbox share
 * the cores with what they take in, and what a flood leaves behind is nobody else's burden. Only ratios mean anything:
 * machines are noisy.
 */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '8' },
    steady: { type: 'string', default: '20' },
    json: { type: 'string' },
  },
});
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);
const steadySeconds = Number(values.steady);

const CONTENDERS = { bare: startBare, 'signal per request': startSignalPerRequest, 'kit-herald': startHerald };
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
for (let round = 1; round <= rounds; round++) {
  for (const [name, start] of Object.entries(CONTENDERS)) {
    const measured = await alone(start, { seconds, rate: null });
    full.set(name, [...(full.get(name) ?? []), measured]);
    report(`round ${String(round)}, ${name}`, measured);
  }
  const measured = await alone(startHerald, { seconds: steadySeconds, rate: STEADY_RATE });
  steady.push(measured);
  report(`round ${String(round)}, steady ${String(STEADY_RATE)}/s`, measured);
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
  refused: [...full.values(), steady].flat().reduce((sum, { refused }) => sum + refused, 0),
};
process.stdout.write(`\n${JSON.stringify(figures, null, 2)}\n`);
if (values.json !== undefined)
  writeFileSync(values.json, `${JSON.stringify({ figures, full: [...full], steady }, null, 2)}\n`);

/** One turn of one contender, with nothing of another left running. */
async function alone(
  start: (folder: string) => Promise<Contender>,
  measuring: { readonly seconds: number; readonly rate: number | null },
): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'kit-herald-bench-'));
  try {
    const contender = await start(folder);
    try {
      const { url, secret } = contender;
      await load({ url, secret, connections: CONNECTIONS, ...WARMING });
      await contender.settled();
      return await load({ url, secret, connections: CONNECTIONS, ...measuring });
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

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function round2(value: number): number {
  return Math.round(value * 100) / 100;
}
