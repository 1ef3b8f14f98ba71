// Has Temporal's SDK download one of its servers into a folder, then ends it again. A process of its own, because the
// download can't be interrupted from inside, and because the SDK's runtime may be set up only once in a process.
// Usage: node sdk-download.mjs dev-server|time-skipping FOLDER
import { TestWorkflowEnvironment } from '@temporalio/testing';

const [server, downloadDir] = process.argv.slice(2);
const options = { server: { executable: { type: 'cached-download', downloadDir } } };
try {
  const environment =
    server === 'dev-server'
      ? await TestWorkflowEnvironment.createLocal(options)
      : await TestWorkflowEnvironment.createTimeSkipping(options);
  await environment.teardown();
  process.exit(0);
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
