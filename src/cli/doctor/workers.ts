import { Refusal } from '../../config/refusal.js';
import type { WorkerVersion } from '../../temporal/versions.js';

/**
 * Whether the journeys have workers that Temporal gives them to: with versions and none current, journeys would wait for
 * ever for a worker that is there.
 * @param atWork the versions of those who work on them now; null stands for workers without one.
 * @param current the deployment's current build; null: none.
 * @param ours what this release is set to be; null: not versioned.
 * @throws Refusal with what to do.
 */
export function workersFinding(
  atWork: readonly (WorkerVersion | null)[],
  current: string | null,
  ours: WorkerVersion | null,
): string {
  if (atWork.length === 0) throw new Refusal('nobody works on the journeys: start kit-herald worker');
  const builds = atWork.flatMap((one) => (one === null ? [] : [one.buildId]));
  if (current === null) {
    if (atWork.includes(null))
      return builds.length === 0 ? 'at work, not versioned' : `at work, not versioned, beside ${builds.join(', ')}`;
    throw new Refusal('no version is current, so the journeys wait: run kit-herald make-current');
  }
  if (!builds.includes(current))
    throw new Refusal(
      `version ${current} is current and none of its workers is there: start them, or run kit-herald make-current`,
    );
  if (ours !== null && ours.buildId !== current)
    throw new Refusal(
      `version ${current} is current, not ${ours.buildId}: run kit-herald make-current when it should be`,
    );
  return `at work, version ${current} is current`;
}
