import { bundleWorkflowCode, DefaultLogger, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { fileURLToPath } from 'node:url';

let bundled: Promise<WorkflowBundleWithSourceMap> | undefined;

/** The workflows, bundled from their sources: once in a suite, because it takes seconds. */
export function workflowBundle(): Promise<WorkflowBundleWithSourceMap> {
  return (bundled ??= bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('../../workflows/index.ts', import.meta.url)),
    logger: new DefaultLogger('ERROR'),
    // Our imports name the compiled files.
    webpackConfigHook: (config) => ({
      ...config,
      resolve: { ...config.resolve, extensionAlias: { '.js': ['.ts', '.js'] } },
    }),
  }));
}
