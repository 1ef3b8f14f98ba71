import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startBare, startHerald, startSignalPerRequest, type Contender } from './contenders.js';
import { load, type Measured } from './load.js';

/**
 * How fast webhooks are acknowledged, beside two peers on the same machine in the same run, by turns:
 * a bare Fastify with HMAC and no store (what HTTP costs), and a handler that calls signalWithStart for each request
 * (what most would write first). kit-herald is measured as `npm start` runs it: receiver, relay, worker, database,
 * Temporal and mailbox on the same cores. Only ratios mean anything: machines are noisy.
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

const folder = mkdtempSync(join(tmpdir(), 'kit-herald-bench-'));
const contenders: Contender[] = [];
try {
  process.stdout.write(`${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, Node ${process.version}\n`);
  for (const start of [startBare, startSignalPerRequest, startHerald]) contenders.push(await start(folder));

  const full = new Map<string, Measured[]>();
  for (let round = 1; round <= rounds; round++)
    for (const contender of contenders) {
      const measured = await load({
        url: contender.url,
        secret: contender.secret,
        seconds,
        connections: 50,
        rate: null,
      });
      full.set(contender.name, [...(full.get(contender.name) ?? []), measured]);
      report(`round ${String(round)}, ${contender.name}`, measured);
      // What one leaves to be done would be in the next one's figures.
      await contender.settled();
    }
  const steady: Measured[] = [];
  const herald = contenders.at(-1);
  if (herald)
    for (let round = 1; round <= rounds; round++) {
      steady.push(
        await load({ url: herald.url, secret: herald.secret, seconds: steadySeconds, connections: 50, rate: 500 }),
      );
      report(`steady 500/s, round ${String(round)}`, steady.at(-1) as Measured);
    }

  const rate = (name: string) => median((full.get(name) ?? []).map(({ perSecond }) => perSecond));
  const figures = {
    acksPerSecond: Object.fromEntries(contenders.map(({ name }) => [name, Math.round(rate(name))])),
    timesSignalPerRequest: round2(rate('kit-herald') / rate('signal per request')),
    timesBare: round2(rate('kit-herald') / rate('bare')),
    p99AtSteady500Ms: median(steady.map(({ p99Ms }) => p99Ms)),
    refused: [...full.values(), steady].flat().reduce((sum, { refused }) => sum + refused, 0),
  };
  process.stdout.write(`\n${JSON.stringify(figures, null, 2)}\n`);
  if (values.json !== undefined)
    writeFileSync(values.json, `${JSON.stringify({ figures, full: [...full], steady }, null, 2)}\n`);
} finally {
  for (const contender of contenders.reverse()) await contender.stop();
  rmSync(folder, { recursive: true, force: true });
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
