import { condition, defineQuery, setDefaultSignalHandler, setHandler } from '@temporalio/workflow';

/** Workflows under the real names that only listen: what they were given is asked for by a query. */
async function listen(start: unknown): Promise<void> {
  const names: string[] = [];
  setDefaultSignalHandler((name: string) => {
    names.push(name);
  });
  setHandler(defineQuery<unknown>('heard'), () => ({ start, names }));
  await condition(() => false);
}

export async function kitJourney(start: unknown): Promise<void> {
  await listen(start);
}

export async function orderJourney(start: unknown): Promise<void> {
  await listen(start);
}
