import { setTimeout as pause } from 'node:timers/promises';

/** How long what was asked for may take while Temporal is up (ms). */
const PATIENCE = 20_000;
const LOOK_EVERY = 500;

/** A turn for each look at what becomes of something, until patience ends: `for await (const _ of looks())`. */
export async function* looks(): AsyncGenerator<void> {
  for (const until = Date.now() + PATIENCE; Date.now() < until;) {
    await pause(LOOK_EVERY);
    yield;
  }
}
