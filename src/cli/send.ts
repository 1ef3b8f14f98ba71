import { existsSync, readFileSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import { hintFor } from '../c4hxp/webhook/events.js';
import { firstLine, Refusal } from '../config/refusal.js';
import { C4HXP_EVENTS, isC4hxpEvent } from '../domain/events.js';
import {
  rawOf,
  readJourney,
  readPath,
  type Sample,
  sampleEvent,
  samplesOf,
  setAt,
  valueAt,
} from '../sandbox/samples/sample.js';
import { PAGE_PAYLOADS } from '../sandbox/samples/page-payloads.js';
import { findReceiver, findSecret, postWebhook, type ReceiverAnswer } from '../sandbox/samples/post.js';
import { EXIT, print, printJson, run } from './output.js';

interface Options {
  readonly to?: string;
  readonly set?: readonly Setting[];
  readonly verbatim?: true;
  readonly json?: true;
}

interface Setting {
  readonly path: readonly string[];
  readonly value: string;
}

/** One webhook, ready to go. */
interface Outgoing {
  readonly event: string;
  readonly id: string | null;
  /** Barcode or order number. */
  readonly about: string;
  readonly raw: Buffer;
}

type Sent = Omit<Outgoing, 'raw'> &
  (ReceiverAnswer | { readonly status: null; readonly code: string; readonly ms: null });

/** Adds `kit-herald send`: signed sample webhooks, one or a whole journey. */
export function registerSend(program: Command, env: NodeJS.ProcessEnv): void {
  program
    .command('send')
    .description('send signed sample webhooks: one event, or a whole journey from a file')
    .argument('<what>', `a journey file (YAML), or one of: ${C4HXP_EVENTS.join(', ')}`)
    .option('--to <url>', 'the receiver (default: KIT_HERALD_URL, else the instance that runs on DATA_DIR)')
    .option('--set <path=value>', 'set a field, such as patient.email=me@example.com (repeatable)', setting)
    .option('--verbatim', "the partner page's own payload, byte for byte, with its dates of 2024")
    .option('--json', 'print what was sent as JSON')
    .action((what: string, options: Options, command: Command) => run(command, () => send(what, options, env)));
}

/** @throws Refusal for wrong usage. */
async function send(what: string, options: Options, env: NodeJS.ProcessEnv): Promise<number> {
  const outgoing = prepare(what, options);
  const to = findReceiver(options.to, env);
  const secret = findSecret(env);
  const sent: Sent[] = [];
  for (const one of outgoing) {
    const outcome = await deliver(one, to, secret);
    sent.push(outcome);
    if (options.json !== true) print(lineOf(outcome));
    if (outcome.status === null) break;
  }
  if (options.json === true) printJson({ to, sent });
  const good = sent.filter(({ status }) => status !== null && status >= 200 && status < 300).length;
  if (good === outgoing.length) return EXIT.done;
  process.stderr.write(`${String(outgoing.length - good)} of ${String(outgoing.length)} not taken by ${to}\n`);
  return EXIT.failed;
}

function prepare(what: string, { set = [], verbatim }: Options): Outgoing[] {
  if (verbatim === true) return [verbatimPayload(what, set)];
  if (isC4hxpEvent(what)) {
    const sample = sampleEvent(what);
    for (const { path, value } of set) setAt(sample, path, typedLike(valueAt(sample, path), value));
    return [outgoing(sample, rawOf(sample))];
  }
  const samples = journeyIn(what);
  for (const sample of samples)
    for (const { path, value } of set) {
      // Of a whole journey, only the events that have such a place: an order has no patient.
      if (valueAt(sample, path.slice(0, -1)) !== undefined)
        setAt(sample, path, typedLike(valueAt(sample, path), value));
    }
  return samples.map((sample) => outgoing(sample, rawOf(sample)));
}

function verbatimPayload(event: string, set: readonly Setting[]): Outgoing {
  if (set.length > 0) throw new Refusal('--verbatim sends the page’s bytes as they are: leave out --set.');
  const payload = isC4hxpEvent(event) ? PAGE_PAYLOADS[event] : undefined;
  if (payload === undefined)
    throw new Refusal(`The page has no payload of ${event}, only of ${Object.keys(PAGE_PAYLOADS).join(', ')}.`);
  return outgoing(JSON.parse(payload) as Sample, Buffer.from(payload));
}

function journeyIn(path: string): Sample[] {
  if (!existsSync(path)) {
    const hint = hintFor(path);
    const meant = hint === null ? `the events are ${C4HXP_EVENTS.join(', ')}` : `did you mean ${hint}?`;
    throw new Refusal(`"${path}" is neither a journey file nor an event; ${meant}`);
  }
  try {
    return samplesOf(readJourney(readFileSync(path, 'utf8')), new Date());
  } catch (error) {
    throw new Refusal(`${path}: ${firstLine(error)}`, { cause: error });
  }
}

function outgoing(sample: Sample, raw: Buffer): Outgoing {
  const { event } = sample;
  const id = valueAt(sample, ['meta', 'webhook_id']);
  const about = valueAt(sample, ['data', 'kit_barcode']) ?? valueAt(sample, ['data', 'order_number']);
  return { event, id: typeof id === 'string' ? id : null, about: typeof about === 'string' ? about : '', raw };
}

async function deliver({ raw, ...named }: Outgoing, to: string, secret: string): Promise<Sent> {
  try {
    return { ...named, ...(await postWebhook(to, raw, secret)) };
  } catch (error) {
    return { ...named, status: null, code: noAnswer(error), ms: null };
  }
}

function noAnswer(error: unknown): string {
  const { name, code } = error as { readonly name?: unknown; readonly code?: unknown };
  if (name === 'TimeoutError') return 'no_answer';
  return code === 'ECONNREFUSED' ? 'nobody_listens' : 'unreachable';
}

const COLUMNS = 80;

function lineOf({ event, about, status, code, ms }: Sent): string {
  const answer = [status, code ?? (status === 200 ? 'received' : null), ms === null ? null : `${String(ms)} ms`];
  const line = `${event.padEnd(28)}  ${about.slice(0, 24).padEnd(20)}  ${answer.filter((part) => part !== null).join(' ')}`;
  return line.slice(0, COLUMNS).trimEnd();
}

/**
 * What a person types becomes what the field holds: JSON for null, true, false, lists and objects, a number only where
 * a number stands already. A barcode is digits, and must stay text.
 */
function typedLike(present: unknown, typed: string): unknown {
  if (/^(?:null|true|false|\[.*\]|\{.*\}|".*")$/s.test(typed))
    try {
      return JSON.parse(typed) as unknown;
    } catch {
      return typed;
    }
  return typeof present === 'number' && typed.trim() !== '' && Number.isFinite(Number(typed)) ? Number(typed) : typed;
}

function setting(text: string, before: readonly Setting[] = []): Setting[] {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('must be path=value');
  try {
    return [...before, { path: readPath(text.slice(0, at)), value: text.slice(at + 1) }];
  } catch (error) {
    throw new InvalidArgumentError(firstLine(error));
  }
}
