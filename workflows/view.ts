import type { SubjectProjection } from '../src/domain/activities.js';
import { HOUR } from '../src/domain/durations.js';

/** Whether a view says something new: minutes by which the next email moves are none. */
export function differs(former: SubjectProjection | null, view: SubjectProjection): boolean {
  if (former === null) return true;
  return (
    former.state !== view.state ||
    former.closed !== view.closed ||
    former.needsAttention?.code !== view.needsAttention?.code ||
    former.needsAttention?.kind !== view.needsAttention?.kind ||
    former.next?.what !== view.next?.what ||
    Math.abs((former.next?.at ?? 0) - (view.next?.at ?? 0)) >= HOUR
  );
}
