import { randomInt } from 'node:crypto';
import { type Command, InvalidArgumentError } from 'commander';
import { C4HXP_EVENTS, type C4hxpEvent, isC4hxpEvent } from '../domain/events.js';
import type { Delivery } from '../sandbox/partner-sim/deliveries.js';
import { isJourneyName, type JourneyName, JOURNEYS } from '../sandbox/partner-sim/journeys.js';
import { ApiRefusal } from '../sandbox/partner-sim/refusal.js';
import { DEFAULT_KEY } from '../sandbox/partner-sim/guard.js';
import type { PartnerSim } from '../sandbox/partner-sim/sim.js';
import { print } from './output.js';

interface Options {
  readonly host: string;
  readonly port: number;
  readonly to?: string;
  readonly secret?: string;
  readonly events?: readonly C4hxpEvent[];
  readonly apiKey: string;
  readonly journey: readonly JourneyName[];
  readonly kits: number;
  readonly timeScale: number;
  readonly shape: 'reference' | 'openapi';
  readonly meta: 'always' | 'as_documented';
  readonly limits: boolean;
  readonly duplicates: number;
  readonly loss: number;
  readonly shuffle: number;
  readonly seed: number;
  readonly run?: number;
  readonly once?: true;
  readonly json?: true;
}

/** As many as twelve digits of a barcode have room for. */
const RUNS = 20_000_000;

/** What the command needs of its process. */
export interface SimProcess {
  readonly print: (line: string) => void;
  readonly exitWith: (code: number) => void;
  /** Resolves when somebody wants it to stop. */
  readonly stopped: () => Promise<void>;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Adds `kit-herald partner-sim`: the stand-in C4HXP. */
export function registerPartnerSim(program: Command, sim: SimProcess): void {
  program
    .command('partner-sim')
    .description('the stand-in C4HXP: sends webhooks with its retry schedule and serves its API')
    .option('--port <port>', 'port of its API and of its admin routes under /sim; 0 means any free one', whole, 4010)
    .option('--host <host>', 'address to listen on', '127.0.0.1')
    .option('--to <url>', 'deliver webhooks to this URL')
    .option('--secret <secret>', 'sign them with this secret (default: C4HXP_WEBHOOK_SECRET, its first)')
    .option('--events <list>', `only these events, comma-separated (default: all ${C4HXP_EVENTS.length})`, eventList)
    .option('--api-key <id:secret>', 'the key that its API takes', apiKey, DEFAULT_KEY)
    .option('--journey <name>', `play a journey (repeatable): ${Object.keys(JOURNEYS).join(', ')}`, journeys, [])
    .option('--kits <n>', 'kits in each journey’s order', atLeastOne, 1)
    .option('--time-scale <n>', '3600 makes hours seconds, for journeys and retries', positive, 1)
    .option('--shape <shape>', 'how its API answers: reference or openapi', oneOf('reference', 'openapi'), 'reference')
    .option(
      '--meta <rule>',
      'which webhooks have meta: always or as_documented',
      oneOf('always', 'as_documented'),
      'always',
    )
    .option('--no-limits', 'no rate limits')
    .option('--duplicates <share>', 'send this share of webhooks twice (0–1)', share, 0)
    .option('--loss <share>', 'never send this share of webhooks (0–1)', share, 0)
    .option(
      '--shuffle <minutes>',
      'send each up to this many (scaled) minutes late, so that they overtake',
      positive,
      0,
    )
    .option('--seed <n>', 'the same seed makes the same mischief', whole, 1)
    .option('--run <n>', 'ids, orders and barcodes are made from it (default: any)', whole)
    .option('--once', 'stop when the journeys have ended: 0 when every webhook was delivered, else 1')
    .option('--json', 'print deliveries as JSON lines')
    .action(async (options: Options, command: Command) => {
      sim.exitWith(await run(options, command, sim));
    });
}

async function run(options: Options, command: Command, { print, stopped, env }: SimProcess): Promise<number> {
  const secret = options.secret ?? env['C4HXP_WEBHOOK_SECRET']?.split(',')[0]?.trim();
  if (options.to !== undefined && (secret === undefined || secret === ''))
    command.error('error: --to needs --secret or C4HXP_WEBHOOK_SECRET', { exitCode: 2 });

  const { createPartnerSim } = await import('../sandbox/partner-sim/sim.js');
  const stop = stopped();
  const sim = await createPartnerSim({
    host: options.host,
    port: options.port,
    keys: [{ key: options.apiKey }],
    shape: options.shape,
    timeScale: options.timeScale,
    meta: options.meta,
    seed: options.seed,
    run: options.run ?? randomInt(1, RUNS),
    mischief: { duplicates: options.duplicates, loss: options.loss, shuffleMs: options.shuffle * 60_000 },
    onDelivery: (delivery) => {
      print(options.json === true ? JSON.stringify(delivery) : lineOf(delivery));
    },
    ...(options.limits ? {} : { limits: null }),
  }).catch((error: unknown) => command.error(`error: ${startFault(error, options)}`, { exitCode: 1 }));

  try {
    if (options.to !== undefined) subscribe(sim, options.to, secret, options.events, command);
    if (options.json !== true) print(`C4HXP's stand-in: ${sim.url}/v2/public (admin: ${sim.url}/sim)`);
    const played = options.journey.map((name) => {
      const { ended } = sim.play(name, { kitTypes: Array.from({ length: options.kits }, () => 'hormone_panel') });
      return ended;
    });
    const done = Promise.all(played).then(() => sim.settled());
    await (options.once === true ? Promise.race([done, stop]) : stop);
    const undelivered = sim.deliveries().some(({ state }) => state !== 'delivered' && state !== 'lost');
    return options.once === true && undelivered ? 1 : 0;
  } finally {
    await sim.close();
  }
}

function subscribe(
  sim: PartnerSim,
  url: string,
  secret: string | undefined,
  events: readonly C4hxpEvent[] | undefined,
  command: Command,
): void {
  try {
    sim.register({ url, secret, events });
  } catch (error) {
    if (error instanceof ApiRefusal) command.error(`error: --to: ${error.message}`, { exitCode: 2 });
    throw error;
  }
}

function startFault(error: unknown, { host, port }: Options): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : null;
  return code === 'EADDRINUSE'
    ? `port ${port} is taken: choose another one with --port`
    : `can't listen on ${host}:${port}`;
}

function lineOf({ event, about, copy, state, attempts }: Delivery): string {
  const last = attempts.at(-1);
  const answer = last === undefined ? '' : ` (${last.status ?? last.outcome}, attempt ${attempts.length})`;
  return `${event} ${about ?? ''}${copy === 2 ? ' again' : ''}: ${state}${answer}`;
}

export const thisProcess = (env: NodeJS.ProcessEnv): SimProcess => ({
  print,
  exitWith: (code) => {
    process.exitCode = code;
  },
  stopped: () =>
    new Promise((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const)
        process.once(signal, () => {
          resolve();
        });
    }),
  env,
});

function eventList(value: string): C4hxpEvent[] {
  return value.split(',').map((name) => {
    const event = name.trim();
    if (!isC4hxpEvent(event)) throw new InvalidArgumentError(`${event} is not one of: ${C4HXP_EVENTS.join(', ')}`);
    return event;
  });
}

function journeys(value: string, before: readonly JourneyName[]): JourneyName[] {
  if (!isJourneyName(value)) throw new InvalidArgumentError(`choose from: ${Object.keys(JOURNEYS).join(', ')}`);
  return [...before, value];
}

function oneOf<Word extends string>(...words: readonly Word[]): (value: string) => Word {
  return (value) => {
    const word = words.find((one) => one === value);
    if (word === undefined) throw new InvalidArgumentError(`choose from: ${words.join(', ')}`);
    return word;
  };
}

function apiKey(value: string): string {
  if (!/^[^:\s]+:[^:\s]+$/.test(value)) throw new InvalidArgumentError('must be id:secret');
  return value;
}

function numeric(value: string, fits: (number: number) => boolean, what: string): number {
  const number = Number(value);
  if (value.trim() === '' || !fits(number)) throw new InvalidArgumentError(`must be ${what}`);
  return number;
}

const whole = (value: string): number => numeric(value, (n) => Number.isInteger(n) && n >= 0, 'a whole number');
const atLeastOne = (value: string): number => numeric(value, (n) => Number.isInteger(n) && n >= 1, 'at least 1');
const positive = (value: string): number => numeric(value, (n) => Number.isFinite(n) && n > 0, 'greater than 0');
const share = (value: string): number => numeric(value, (n) => n >= 0 && n <= 1, 'between 0 and 1');
