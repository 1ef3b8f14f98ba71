import type { Client } from '@temporalio/client';

/**
 * Calls Temporal, for at most `ms`: without a deadline a call waits for as long as Temporal is away. The client's own
 * deadline ends each request, yet the pause before it would try again may last longer; so the caller's wait has one, too.
 * @throws what the call throws, or that the time has passed: then it may have been applied all the same.
 */
export async function withinDeadline<T>(client: Client, ms: number, call: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<never>((_, reject) => {
    timer = setTimeout(reject, ms + 250, new DeadlinePassed(ms));
  });
  try {
    return await Promise.race([client.withDeadline(Date.now() + ms, call), passed]);
  } finally {
    clearTimeout(timer);
  }
}

/** Nothing is known of what was asked: it may have been applied. */
class DeadlinePassed extends Error {
  constructor(ms: number) {
    super(`Temporal did not answer within ${String(ms / 1_000)} seconds`);
    this.name = 'DeadlinePassed';
  }
}
