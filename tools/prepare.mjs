// Compiles TypeScript and bundles the workflows, unless the build is current: `npm ci` and `npx` both call this.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const STAMP = 'dist/.stamp';
const INPUTS = [
  'src',
  'workflows',
  'activities',
  'bench',
  'docs/site',
  'test/kills',
  'test/support',
  'tsconfig.json',
  'tsconfig.build.json',
  'package-lock.json',
];

function* filesUnder(path) {
  if (!existsSync(path)) return;
  if (/\.(tsx?|json)$/.test(path)) yield path;
  else if (statSync(path).isDirectory())
    for (const entry of readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1)))
      if (entry.name !== 'node_modules') yield* filesUnder(join(path, entry.name));
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

// Built beside, then put in its place: a build that fails leaves the former one, and nobody meets half of one.
const fresh = 'dist.new';
rmSync(fresh, { recursive: true, force: true });
try {
  const tsc = ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json', '--outDir', fresh];
  execFileSync(process.execPath, tsc, { stdio: 'inherit' });
  if (existsSync(`${fresh}/workflows/journey.js`)) {
    const { bundleWorkflowCode, DefaultLogger } = await import('@temporalio/worker');
    const workflowsPath = join(process.cwd(), fresh, 'workflows/journey.js');
    const { code } = await bundleWorkflowCode({
      workflowsPath,
      // Evaluated once and shared by all journeys, instead of once in each: no module of theirs keeps anything.
      preloadModules: [workflowsPath],
      logger: new DefaultLogger('WARN'),
    });
    writeFileSync(`${fresh}/workflow-bundle.js`, code);
  }
  writeFileSync(`${fresh}/.stamp`, current);
  rmSync('dist', { recursive: true, force: true });
  renameSync(fresh, 'dist');
} catch (error) {
  // What the compiler has to say it has said.
  if (error.status === undefined) console.error(error);
  process.exitCode = 1;
} finally {
  rmSync(fresh, { recursive: true, force: true });
}
