import { bundleWorkflowCode, DefaultLogger, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { fileURLToPath } from 'node:url';

const fileAt = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

let bundled: Promise<WorkflowBundleWithSourceMap> | undefined;

/** The workflows, bundled from their sources: once in a suite, because it takes seconds. */
export function workflowBundle(): Promise<WorkflowBundleWithSourceMap> {
  return (bundled ??= bundleOf('../../workflows/journey.ts'));
}

/** The same workflows, whose activities have seconds instead of days (`impatient-activities.ts`). */
export const impatientBundle = (): Promise<WorkflowBundleWithSourceMap> =>
  bundleOf('../../workflows/journey.ts', { './temporal/activities.js$': './impatient-activities.ts' });

/** @param instead which modules are replaced by which files of the tests */
export const bundleOf = (
  workflows: string,
  instead: Readonly<Record<string, string>> = {},
): Promise<WorkflowBundleWithSourceMap> =>
  bundleWorkflowCode({
    workflowsPath: fileAt(workflows),
    // As in the build (tools/prepare.mjs): what one journey left in a module, the next would find.
    preloadModules: [fileAt(workflows)],
    logger: new DefaultLogger('ERROR'),
    // Our imports name the compiled files.
    webpackConfigHook: (config) => ({
      ...config,
      resolve: {
        ...config.resolve,
        alias: Object.assign(
          {},
          config.resolve?.alias,
          Object.fromEntries(Object.entries(instead).map(([module, file]) => [module, fileAt(file)])),
        ),
        extensionAlias: { '.js': ['.ts', '.js'] },
      },
    }),
  });
