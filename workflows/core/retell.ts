import type { Said } from '../../src/domain/activities.js';
import type { PolicySettings, Prior } from '../../src/domain/facts.js';
import type { JourneyKind } from '../../src/domain/kinds.js';
import { saidOf } from './activity-inputs.js';
import { begin } from './knowledge.js';
import { TODAY } from './rules.js';
import { Story } from './story.js';

/** An email of the past. */
export interface Past {
  readonly subject: string;
  readonly kind: JourneyKind;
  /** The fact that it was about (its `seq`). */
  readonly source: number | null;
  /** What its journey knew then. */
  readonly prior: Prior;
  /** When it was made (ms). */
  readonly madeAt: number;
}

/** What an email said of its story when it was made, by today's rules. */
export function retell({ subject, kind, source, prior, madeAt }: Past, settings: PolicySettings): Said {
  const story = Story.of(begin(subject, prior, settings), madeAt, TODAY);
  return saidOf(kind, story.sourceOf({ source }), story);
}
