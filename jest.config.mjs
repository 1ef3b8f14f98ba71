/** Native ESM (NODE_OPTIONS=--experimental-vm-modules, set by `npm test`), compiled by swc. */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts', '**/*.test.tsx'],
  // `npm run test:processes`: what takes whole processes, ours and Temporal's servers, and mostly waits for them.
  testPathIgnorePatterns: ['end-to-end', 'faults', 'embedded', 'growth', 'temporal', 'workflows/temporal'].map(
    (room) => `<rootDir>/test/${room}/`,
  ),
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.tsx?$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', tsx: true },
          transform: { react: { runtime: 'automatic' } },
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  testTimeout: 60_000,
  // Most suites wait for servers rather than compute; more than two would fight for what they start.
  maxWorkers: 2,
  reporters: ['default', '<rootDir>/test/support/slowest-reporter.mjs'],
};
