/** How many calls may be under way at once, found by how long they take. */
export interface AdaptiveLimit {
  /** As it stands now. */
  readonly current: number;
  /**
   * What came of one call.
   * @param kind calls of one kind take equally long by themselves.
   * @param ms how long it took, while so many were `underWay`.
   */
  observe(call: {
    readonly kind: string;
    readonly ms: number;
    readonly underWay: number;
    readonly failed?: boolean;
  }): void;
}

/** Of the calls under way, how many may wait at the other side: fewer, and one more may go; more, and it is too many. */
const FEW_WAIT = 2;
const MANY_WAIT = 4;
const BACK_OFF = 0.8;
/** A look takes at least so many calls, for a median that one slow call doesn't move. */
const CALLS_IN_LOOK = 10;
/**
 * After so many calls it is found out anew how long a call takes that is alone, which it is for ten calls: soon at first,
 * since a process that has just started is slow by itself.
 */
const CALLS_BEFORE_PROBE = { first: 250, most: 8_000 };
const CALLS_IN_PROBE = 10;
const FEWEST_OF_A_KIND = 3;

/**
 * Additive increase and multiplicative decrease on latency, as TCP Vegas does it (RFC 6297, section 2): by how much longer
 * calls take than one that is alone, it is reckoned how many of them only wait at the other side. A server that takes one
 * call after the other gets three at a time; one that takes many gets as many as it bears. A call that fails counts as too
 * many.
 */
export function createAdaptiveLimit({ least, most }: { readonly least: number; readonly most: number }): AdaptiveLimit {
  let limit = least;
  /** ms of a call that is alone, by its kind. */
  const alone = new Map<string, number>();
  let probe: { readonly kind: string; readonly ms: number }[] | null = [];
  let callsSinceProbe = 0;
  let probeAfter = CALLS_BEFORE_PROBE.first;
  let stretched: number[] = [];
  let mostUnderWay = 0;

  function endProbe(calls: readonly { readonly kind: string; readonly ms: number }[]): void {
    for (const kind of new Set(calls.map((call) => call.kind))) {
      const times = calls.filter((call) => call.kind === kind).map(({ ms }) => ms);
      if (times.length >= FEWEST_OF_A_KIND) alone.set(kind, median(times));
    }
    probe = null;
    callsSinceProbe = 0;
  }

  function adapt(): void {
    const waiting = mostUnderWay * (1 - 1 / Math.max(median(stretched), 1));
    if (waiting > MANY_WAIT) backOff();
    // One that isn't reached says nothing of what could be borne.
    else if (waiting < FEW_WAIT && mostUnderWay >= limit) limit = Math.min(most, limit + 1);
    stretched = [];
    mostUnderWay = 0;
  }

  function backOff(): void {
    limit = Math.max(least, Math.floor(limit * BACK_OFF));
  }

  return {
    get current() {
      return probe === null ? limit : 1;
    },
    observe({ kind, ms, underWay, failed = false }) {
      if (failed) backOff();
      else if (probe !== null) {
        if (underWay <= 1) probe.push({ kind, ms: Math.max(ms, 0.1) });
        if (probe.length >= CALLS_IN_PROBE) endProbe(probe);
      } else {
        callsSinceProbe += 1;
        if (callsSinceProbe >= probeAfter) {
          probe = [];
          probeAfter = Math.min(probeAfter * 2, CALLS_BEFORE_PROBE.most);
        }
        const usual = alone.get(kind);
        if (usual === undefined) return;
        stretched.push(ms / usual);
        mostUnderWay = Math.max(mostUnderWay, underWay);
        if (stretched.length >= Math.max(limit, CALLS_IN_LOOK)) adapt();
      }
    },
  };
}

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
