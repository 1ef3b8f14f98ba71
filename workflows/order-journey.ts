import { orderSubject } from '../src/domain/subjects.js';
import { Journey, type Start } from './journey.js';
import { live } from './run/live.js';

/**
 * The story of an order, as its recipient is told it: prepared, on its way, cancelled. The kits in it have journeys of
 * their own; nothing that happens to them is told here.
 */
export async function orderJourney(start: Start): Promise<void> {
  await live(new Journey(orderSubject(start.name), start));
}
