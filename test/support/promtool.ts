import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';

/** Why there is no promtool here; null where there is. */
export const promtoolMissing: string | null =
  spawnSync('promtool', ['--version']).error === undefined
    ? null
    : 'there is no promtool on this machine (Debian: apt-get install prometheus)';

/** What it says; rejects where it finds a fault. */
export async function promtool(...args: readonly string[]): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)('promtool', args).catch((error: unknown) => {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`promtool ${args.join(' ')}:\n${stdout}${stderr}`);
  });
  return stdout + stderr;
}
