import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sign, SIGNATURE_HEADER, WEBHOOK_PATH } from '../../c4hxp/webhook/signature.js';
import { Refusal } from '../../config/refusal.js';

export interface ReceiverAnswer {
  readonly status: number;
  /** The code of a refusal, as the receiver words it; null where there is none. */
  readonly code: string | null;
  /** How long it took. */
  readonly ms: number;
}

/** The partner gives up on a delivery after this long. */
const DEADLINE = 30_000;

/**
 * Posts a webhook as C4HXP does: these bytes, signed.
 * @throws Error when there is no answer: nobody listens there, or not within 30 s.
 */
export async function postWebhook(url: string, raw: Buffer | string, secret: string): Promise<ReceiverAnswer> {
  const { request } = await import('undici');
  const started = performance.now();
  // Not fetch: it refuses ports that browsers refuse, whoever listens there.
  const { statusCode, body } = await request(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', [SIGNATURE_HEADER]: sign(raw, secret) },
    body: raw,
    signal: AbortSignal.timeout(DEADLINE),
  });
  return { status: statusCode, code: codeIn(await body.text()), ms: Math.round(performance.now() - started) };
}

function codeIn(body: string): string | null {
  try {
    const { error } = JSON.parse(body) as { error?: { code?: unknown } };
    return typeof error?.code === 'string' ? error.code : null;
  } catch {
    return null;
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Where webhooks go: `--to`, else KIT_HERALD_URL, else the instance that runs on DATA_DIR. Only an origin needs to be
 * given. When KIT_HERALD_URL is that instance's admin address, its receiver is meant.
 * @throws Refusal when none is known, or what is given is no URL.
 */
export function findReceiver(to: string | undefined, env: Environment): string {
  const given = to ?? env['KIT_HERALD_URL'];
  const running = readRunning(dataDirOf(env));
  if (given === undefined || given === '') {
    if (running !== null) return webhookUrl(running.receiver);
    throw new Refusal(`No kit-herald runs on ${dataDirOf(env)}: start one, or say --to URL.`);
  }
  const url = webhookUrl(given);
  const isItsAdmin = to === undefined && running !== null && new URL(url).origin === new URL(running.admin).origin;
  return isItsAdmin ? webhookUrl(running.receiver) : url;
}

/**
 * The secret to sign with: the first of C4HXP_WEBHOOK_SECRET, else the one that the embedded stack keeps in DATA_DIR.
 * @throws Refusal when there is none.
 */
export function findSecret(env: Environment): string {
  const [given = ''] = (env['C4HXP_WEBHOOK_SECRET'] ?? '').split(',').map((secret) => secret.trim());
  const secret = given !== '' ? given : readText(join(dataDirOf(env), 'webhook-secret'))?.trim();
  if (secret !== undefined && secret !== '') return secret;
  throw new Refusal('No secret to sign with: set C4HXP_WEBHOOK_SECRET to the one that the receiver knows.');
}

const dataDirOf = (env: Environment): string => env['DATA_DIR']?.trim() || '.kit-herald';

function webhookUrl(given: string): string {
  const url = URL.canParse(given) ? new URL(given) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) throw new Refusal(`"${given}" is no http:// or https:// URL.`);
  if (url.pathname === '/') url.pathname = WEBHOOK_PATH;
  return url.href;
}

function readRunning(dataDir: string): { readonly receiver: string; readonly admin: string } | null {
  try {
    const { receiver, admin } = JSON.parse(readText(join(dataDir, 'runtime.json')) ?? '{}') as Record<string, unknown>;
    return typeof receiver === 'string' && typeof admin === 'string' ? { receiver, admin } : null;
  } catch {
    return null;
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
