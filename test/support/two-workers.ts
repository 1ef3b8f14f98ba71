import { createWorkers, type WorkersOptions } from '../../src/temporal/workers.js';
import { workflowBundle } from './bundle.js';
import { startTestTemporal, type TestTemporal } from './temporal.js';

export interface TwoWorkers {
  readonly temporal: TestTemporal;
  /** Stops both, and the server. */
  close(): Promise<void>;
}

/**
 * Two workers of the same queues, as two processes have them, on a Temporal of their own.
 * @param activitiesOf what each does; its identity is `one` or `two`
 */
export async function startTwoWorkers(
  activitiesOf: (identity: string) => WorkersOptions['activities'],
  rates: Pick<WorkersOptions, 'emailMaxPerSecond' | 'partnerMaxPerSecond'>,
): Promise<TwoWorkers> {
  const temporal = await startTestTemporal();
  const { code } = await workflowBundle();
  const workers = ['one', 'two'].map((identity) =>
    createWorkers({
      connect: () => temporal.connectWorker(),
      namespace: temporal.namespace,
      identity,
      version: null,
      bundle: { code },
      activities: activitiesOf(identity),
      load: () => 0,
      ...rates,
      grace: 1_000,
      log: () => undefined,
    }),
  );
  const running = workers.map((each) => each.run());
  return {
    temporal,
    async close() {
      await Promise.all(workers.map((each) => each.shutdown()));
      await Promise.all(running);
      await temporal.close();
    },
  };
}
