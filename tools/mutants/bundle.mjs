import { build } from 'esbuild';
import { fileURLToPath } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/**
 * The core and its tests as one file, made of what Stryker has changed: it is loaded once and then runs each mutant
 * within it, where a test runner that loads every module anew takes three seconds for each. As deep as the tests are, for
 * what they read beside them.
 */
await build({
  entryPoints: [here('core.mjs')],
  outfile: 'reports/mutants/bundle/core.mjs',
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  target: 'node20',
  alias: { '@jest/globals': here('globals.mjs') },
  sourcemap: 'inline',
  logLevel: 'warning',
});
