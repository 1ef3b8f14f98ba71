const SHOWN = 8;
const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;

/** Says at the end of a run what took longest, so that the whole stays short. */
export default class SlowestReporter {
  onRunComplete(_contexts, { testResults }) {
    const suites = testResults
      .map(({ testFilePath, perfStats }) => ({ file: testFilePath, ms: perfStats.runtime }))
      .sort((one, other) => other.ms - one.ms);
    if (suites.length <= SHOWN) return;
    const total = suites.reduce((sum, { ms }) => sum + ms, 0);
    const lines = suites
      .slice(0, SHOWN)
      .map(({ file, ms }) => `  ${seconds(ms).padStart(8)}  ${file.slice(file.indexOf('/test/') + 1)}`);
    process.stderr.write(
      `\nWhat took longest, of ${seconds(total)} in ${suites.length} suites:\n${lines.join('\n')}\n`,
    );
  }
}
