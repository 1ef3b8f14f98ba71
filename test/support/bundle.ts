import { bundleWorkflowCode, DefaultLogger, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { fileURLToPath } from 'node:url';

let bundled: Promise<WorkflowBundleWithSourceMap> | undefined;

/** The workflows, bundled from their sources: once in a suite, because it takes seconds. */
export function workflowBundle(): Promise<WorkflowBundleWithSourceMap> {
  return (bundled ??= bundle({}));
}

/** The same workflows, whose activities have seconds instead of days (`impatient-activities.ts`). */
export const impatientBundle = (): Promise<WorkflowBundleWithSourceMap> =>
  bundle({ './activities.js$': fileURLToPath(new URL('impatient-activities.ts', import.meta.url)) });

const bundle = (alias: Record<string, string>): Promise<WorkflowBundleWithSourceMap> =>
  bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('../../workflows/index.ts', import.meta.url)),
    logger: new DefaultLogger('ERROR'),
    // Our imports name the compiled files.
    webpackConfigHook: (config) => ({
      ...config,
      resolve: {
        ...config.resolve,
        alias: Object.assign({}, config.resolve?.alias, alias),
        extensionAlias: { '.js': ['.ts', '.js'] },
      },
    }),
  });
