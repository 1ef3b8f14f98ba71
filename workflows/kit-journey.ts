import { kitSubject } from '../src/domain/subjects.js';
import { Journey, type Start } from './journey.js';
import { live } from './run/live.js';

/**
 * The story of a kit: something is learned of it (a webhook, the partner's answer, a bounce, an operator's command), the
 * policy decides who is told what, and the journey goes on until the patient has been told all there is to tell.
 */
export async function kitJourney(start: Start): Promise<void> {
  await live(new Journey(kitSubject(start.name), start));
}
