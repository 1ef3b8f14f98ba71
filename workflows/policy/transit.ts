import { DAY } from '../../src/domain/durations.js';
import type { FactEvent } from '../../src/domain/events.js';
import type { Story, StoryEvent } from '../core/story.js';
import { expectedDelivery, isShipmentOf, parcelOf, parcelsOf } from './parcels.js';

/** A word of the partner's about where a kit is: told again by every answer, and not always with the same time. */
type Whereabouts = Pick<StoryEvent, 'at' | 'receivedAt' | 'seq'>;

/** All that was said of this, also what an answer before had said: a parcel may be in trouble twice. The earliest first. */
const toldOf = (event: FactEvent, story: Story): Whereabouts[] =>
  story.known.facts
    .flatMap((fact) =>
      [fact, ...(fact.learned ?? [])]
        .filter((one) => one.event === event)
        // Nothing has happened later than it was told.
        .map(({ at }) => ({ at: Math.min(at, fact.receivedAt), receivedAt: fact.receivedAt, seq: fact.seq })),
    )
    .sort((a, b) => a.at - b.at);

const lastDelivered = (story: Story): number => toldOf('kit.delivered', story).at(-1)?.at ?? -Infinity;

/**
 * When the kit was delivered (ms): of what was said since the last trouble the earliest, for an answer that gives no time of
 * its own says so with that of the answer. Null where nobody said so.
 */
export function deliveredAt(story: Story): number | null {
  const last = lastDelivered(story);
  const trouble = toldOf('kit.not_delivered', story).findLast(({ at }) => at < last)?.at ?? -Infinity;
  return toldOf('kit.delivered', story).find(({ at }) => at > trouble)?.at ?? null;
}

/** Nobody waits for what was called off, or for whom we were told to forget. */
const isOver = (story: Story): boolean => story.reached('cancelled', 'failed', 'results') || story.erased;

/**
 * The word that the parcel came back, is lost or held up, where nothing later says that it was delivered. Whoever has
 * registered or posted a kit holds it, whatever its carrier says. The first that said so counts: the same again is
 * nothing new.
 */
export function troubleOnTheWayOut(story: Story): Whereabouts | undefined {
  if (isOver(story) || story.reached('registered', 'posted', 'at_lab')) return undefined;
  const since = Math.max(lastDelivered(story), sentAnewAt(story));
  return firstTold(toldOf('kit.not_delivered', story).filter(({ at }) => at >= since));
}

/** When a parcel was sent with this kit after another (ms); -Infinity where there is but one. */
function sentAnewAt(story: Story): number {
  const [first, ...others] = parcelsOf(story).filter((parcel) => isShipmentOf(story, parcel));
  return Math.max(...others.map(({ at }) => at).filter((at) => first !== undefined && at > first.at));
}

/** Where nothing is known of its delivery so long after it was expected, or was sent without a date, it is asked about. */
const OVERDUE_AFTER = 2 * DAY;
const UNDATED_DELIVERY = 14 * DAY;

/**
 * From when on a delivery is overdue of which nothing is known (ms): not before its shipment was heard of. Null where
 * something is known of it, or of what comes after it.
 */
export function overdueFrom(story: Story): number | null {
  const parcel = parcelOf(story);
  const isKnown = story.reached('delivered', 'not_delivered', 'registered', 'posted', 'lost_in_transit', 'at_lab');
  if (!story.isKits || parcel === undefined || isKnown || isOver(story)) return null;
  const expected = expectedDelivery(story);
  return Math.max(parcel.receivedAt, expected === null ? parcel.at + UNDATED_DELIVERY : expected + OVERDUE_AFTER);
}

const firstTold = (told: readonly Whereabouts[]): Whereabouts | undefined => [...told].sort((a, b) => a.seq - b.seq)[0];

/** No post takes longer to the lab. */
const LONGEST_RETURN = 10 * DAY;

/**
 * The sample that doesn't come although it was posted, and from when on a human should look (ms): at once where the
 * partner says that it is lost.
 */
export function troubleOnTheWayBack(story: Story): { readonly from: number; readonly since: number } | undefined {
  if (isOver(story) || story.reached('at_lab')) return undefined;
  const lost = firstTold(toldOf('kit.lost_in_transit', story));
  if (lost !== undefined) return { from: lost.receivedAt, since: lost.seq };
  const posted = firstTold(toldOf('kit.posted', story));
  if (posted === undefined) return undefined;
  return { from: Math.max(posted.receivedAt, posted.at + LONGEST_RETURN), since: posted.seq };
}
