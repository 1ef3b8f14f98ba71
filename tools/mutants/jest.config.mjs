import { fileURLToPath } from 'node:url';
import common from '../../jest.config.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** The tests of the pure core alone; one that fails is enough. */
export default {
  ...common,
  rootDir: here('../..'),
  roots: [here('.')],
  testMatch: [here('core.mjs')],
  testEnvironment: here('environment.cjs'),
  setupFiles: [here('few-runs.mjs')],
};
