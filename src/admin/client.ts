import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Refusal, Unavailable } from '../config/refusal.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** An answer of the operators' app. */
export interface AdminAnswer {
  readonly status: number;
  readonly body: unknown;
}

export interface AdminClient {
  get(path: string): Promise<AdminAnswer>;
  post(path: string, body: object, headers?: Readonly<Record<string, string>>): Promise<AdminAnswer>;
}

interface Init {
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const TIMEOUT = 30_000;

/**
 * Speaks to the operators' app: of KIT_HERALD_URL with ADMIN_TOKEN, else of the instance that runs on DATA_DIR.
 * Its calls reject with Unavailable when nobody answers.
 * @throws Refusal when none is known, or its token isn't.
 */
export function adminClient(env: Environment): AdminClient {
  const { url, token } = findAdmin(env);
  const call = async (path: string, init: Init): Promise<AdminAnswer> => {
    const response = await fetch(new URL(path, url), {
      ...init,
      headers: { ...init.headers, authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(TIMEOUT),
    }).catch((cause: unknown) => {
      throw new Unavailable(`Nobody answers at ${url}: is kit-herald running there?`, { cause });
    });
    if (response.status === 401) throw new Refusal(`The admin token was refused at ${url}: set ADMIN_TOKEN.`);
    return { status: response.status, body: await bodyOf(response, url) };
  };
  return {
    get: (path) => call(path, {}),
    post: (path, body, headers = {}) =>
      call(path, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json', ...headers },
      }),
  };
}

async function bodyOf(response: Response, url: string): Promise<unknown> {
  const type = response.headers.get('content-type') ?? '';
  if (/^application\/(problem\+)?json/.test(type)) return response.json();
  throw new Refusal(`What answers at ${url} isn't the operators' app: KIT_HERALD_URL must be its address.`);
}

/** The sentence in a refusal (RFC 9457). */
export function detailOf({ status, body }: AdminAnswer): string {
  const detail = typeof body === 'object' && body !== null && 'detail' in body ? body.detail : null;
  return typeof detail === 'string' ? detail : `kit-herald answered ${String(status)}.`;
}

function findAdmin(env: Environment): { readonly url: string; readonly token: string } {
  const dataDir = env['DATA_DIR']?.trim() || '.kit-herald';
  const running = readRunning(dataDir);
  const given = env['KIT_HERALD_URL']?.trim() ?? '';
  const token = env['ADMIN_TOKEN']?.trim() ?? '';
  if (given === '') {
    if (running === null) {
      throw new Refusal(`No kit-herald runs on ${dataDir}: start one, or set KIT_HERALD_URL and ADMIN_TOKEN.`);
    }
    // A token that is configured stands in no file.
    const its = running.token || token;
    if (its === '') throw new Refusal(`kit-herald on ${dataDir} was started with an ADMIN_TOKEN: set it here, too.`);
    return { url: running.admin, token: its };
  }
  if (!/^https?:\/\//.test(given) || !URL.canParse(given)) {
    throw new Refusal(`KIT_HERALD_URL is no http:// or https:// URL: ${given}`);
  }
  // Whoever sends webhooks to the instance here has its receiver there.
  const isOurs = running !== null && [running.admin, running.receiver].some((url) => sameOrigin(url, given));
  const found = isOurs ? { url: running.admin, token: token || running.token } : { url: given, token };
  if (found.token === '') throw new Refusal('KIT_HERALD_URL is set, so ADMIN_TOKEN must be set too.');
  return found;
}

const sameOrigin = (one: string | null, other: string): boolean =>
  one !== null && URL.canParse(one) && new URL(one).origin === new URL(other).origin;

function readRunning(dataDir: string): {
  readonly admin: string;
  /** Empty: it is configured. */ readonly token: string;
  readonly receiver: string | null;
} | null {
  try {
    const { admin, adminToken, receiver } = JSON.parse(readFileSync(join(dataDir, 'runtime.json'), 'utf8')) as Record<
      string,
      unknown
    >;
    return typeof admin === 'string'
      ? {
          admin,
          token: typeof adminToken === 'string' ? adminToken : '',
          receiver: typeof receiver === 'string' ? receiver : null,
        }
      : null;
  } catch {
    return null;
  }
}
