import { setTimeout as sleep } from 'node:timers/promises';

/** What has been started and must be stopped, in the reverse order. */
export interface Shutdown {
  /** @param patience ms that it may take; by default 5 s. */
  add(name: string, stop: () => unknown, patience?: number): void;
  /** Stops everything, each part for at most its time, one that fails not keeping the others. Once, however often called. */
  run(): Promise<void>;
}

const PATIENCE_MS = 5_000;

/** @param onFault is told which part could not be stopped in order. */
export function createShutdown(onFault: (name: string, error: unknown) => void, byDefault = PATIENCE_MS): Shutdown {
  const parts: { name: string; stop: () => unknown; patience: number }[] = [];
  let running: Promise<void> | null = null;

  async function runAll(): Promise<void> {
    for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
      const { name, stop, patience } = part;
      const late = new AbortController();
      try {
        await Promise.race([
          stop(),
          sleep(patience, undefined, { signal: late.signal }).then(() => {
            throw new Error('it took too long');
          }),
        ]);
      } catch (error) {
        onFault(name, error);
      } finally {
        late.abort();
      }
    }
  }

  return {
    add: (name, stop, patience = byDefault) => {
      parts.push({ name, stop, patience });
    },
    run: () => (running ??= runAll()),
  };
}
