// Compiles TypeScript and bundles the workflows, unless the build is current: `npm ci` and `npx` both call this.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const STAMP = 'dist/.stamp';
const INPUTS = ['src', 'workflows', 'activities', 'bench', 'tsconfig.json', 'tsconfig.build.json', 'package-lock.json'];

function* filesUnder(path) {
  if (!existsSync(path)) return;
  if (/\.(tsx?|json)$/.test(path)) yield path;
  else
    for (const entry of readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1)))
      yield* filesUnder(join(path, entry.name));
}

function fingerprint() {
  const hash = createHash('sha256');
  for (const input of INPUTS) for (const file of filesUnder(input)) hash.update(file).update(readFileSync(file));
  return hash.digest('hex');
}

const current = fingerprint();
const built = existsSync(STAMP) ? readFileSync(STAMP, 'utf8') : '';
if (built === current && !process.argv.includes('--force')) process.exit(0);
// In an image made with --omit=dev the compiler is absent, and the build was copied in.
if (!existsSync('node_modules/typescript')) process.exit(0);

rmSync('dist', { recursive: true, force: true });
execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], { stdio: 'inherit' });
if (existsSync('dist/workflows/index.js')) {
  const { bundleWorkflowCode, DefaultLogger } = await import('@temporalio/worker');
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(process.cwd(), 'dist/workflows/index.js'),
    logger: new DefaultLogger('WARN'),
  });
  writeFileSync('dist/workflow-bundle.js', code);
}
writeFileSync(STAMP, current);
