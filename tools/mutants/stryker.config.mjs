/**
 * `npm run mutants`: changes the pure core of the journeys in small ways, one at a time, and tells which changes no test
 * notices. docs/journeys.md says what survives, and why.
 */
export default {
  plugins: ['@stryker-mutator/mocha-runner'],
  testRunner: 'mocha',
  buildCommand: 'node tools/mutants/bundle.mjs',
  mochaOptions: { spec: ['reports/mutants/bundle/core.mjs'] },
  coverageAnalysis: 'perTest',
  // The core and the policy: everything but what needs Temporal.
  mutate: ['workflows/{core,policy}/*.ts', 'src/domain/{checks,persons,durations,events,facts}.ts'],
  ignorePatterns: ['dist', 'dist.new', 'coverage', 'reports', 'docs', '.kit-herald', '.github'],
  tempDirName: 'reports/mutants/sandbox',
  reporters: ['clear-text', 'html', 'json', 'progress-append-only'],
  clearTextReporter: { allowColor: false, allowEmojis: false, logTests: false, reportTests: false },
  htmlReporter: { fileName: 'reports/mutants/index.html' },
  jsonReporter: { fileName: 'reports/mutants/mutants.json' },
  concurrency: 2,
  // Long, so that on a busy machine no mutant counts as noticed because it was slow.
  timeoutMS: 60_000,
  thresholds: { high: 95, low: 90, break: 90 },
};
