import { patched } from '@temporalio/workflow';

/**
 * Rules that journeys which began before them don't know (docs/changing-a-journey.md). Each is asked only where the old
 * and the new rule differ, because the first time costs two events.
 */

/** Since v2: a report of delivery doesn't undo a permanent bounce. */
export const bounceStays = (): boolean => patched('a-permanent-bounce-stays');

/** Since v3: results that only a human can tell are looked at again in a week, not every hour. */
export const humansHaveTime = (): boolean => patched('humans-have-time');

/** Since v3: staff are called when the patient's first email, that the kit is registered, doesn't arrive. */
export const earlyWarningCalls = (): boolean => patched('an-early-warning-calls-staff');

/** Since v4: after some weeks of silence one question asks again and again, and not a new one each week. */
export const askedUntilThereIsNews = (): boolean => patched('a-question-asks-until-there-is-news');

/** Since v5: a bounce that was told before the journey knew that the email had gone out is not forgotten. */
export const fastReportsCount = (): boolean => patched('a-fast-report-counts');

/** Since v5: what waits and goes by an operator's retry is said to go by it; it was said that there was nothing to do. */
export const retryIsTheCause = (): boolean => patched('a-retry-is-the-cause');
