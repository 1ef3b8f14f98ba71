import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { findServerBinary } from '../../src/embedded/temporal-binary.js';
import { startTemporalServer, type TemporalServer } from '../../src/embedded/temporal-server.js';

/** A Temporal dev server for one contender, as kit-herald embeds it; on free ports, its file under `parent`. */
export async function startServer(name: string, parent = process.env['BENCH_FOLDER'] ?? ''): Promise<TemporalServer> {
  const dataDir = join(parent, name);
  mkdirSync(dataDir, { recursive: true });
  const cli = process.env['TEMPORAL_CLI'];
  const binary = await findServerBinary({
    kind: 'dev-server',
    configured: cli === undefined ? null : { setting: 'TEMPORAL_CLI', path: cli },
    env: process.env,
    say: (sentence) => process.stderr.write(`${sentence}\n`),
  });
  return await startTemporalServer({
    binary,
    dataDir,
    namespace: 'default',
    port: 0,
    uiPort: 0,
    retention: 86_400_000,
    env: process.env,
  });
}
