import { upkeep } from './temporal/activities.js';

/** One run of what deletes old bodies and addresses; a schedule starts it (src/temporal/schedules.ts). */
export async function retention(): Promise<void> {
  await upkeep.retain();
}
