import { keyOf } from './key.js';
import { steps } from './protocol.js';
import type { State, Terms } from './state.js';
import { mayStayAway, type TransitionName } from './transitions.js';

interface Property {
  readonly atEnd: boolean;
  readonly holds: (state: State) => boolean;
}

/** The shortest way to a state in which a property doesn't hold. */
interface Violation {
  readonly property: string;
  readonly trace: readonly TransitionName[];
  readonly state: State;
}

interface Explored {
  readonly states: number;
  readonly ends: number;
  /** Every transition that was taken. */
  readonly taken: ReadonlySet<TransitionName>;
  /** One for each property that was broken, in the order in which they were found. */
  readonly violations: readonly Violation[];
  /** States from which no end can be reached, as long as nothing more befalls. */
  readonly endless: number;
}

interface Options {
  readonly properties: Readonly<Record<string, Property>>;
  /** Ends at the first violation: it has the shortest trace. */
  readonly untilBroken?: boolean;
  readonly onState?: (state: State) => void;
}

/** Every state that can be reached, breadth first: whoever moves, in whatever order, whatever befalls. */
export function explore(first: State, terms: Terms, { properties, untilBroken = false, onState }: Options): Explored {
  const numbers = new Map<string, number>([[keyOf(first), 0]]);
  const parents: number[] = [-1];
  const by: (TransitionName | null)[] = [null];
  const from: number[] = [];
  const to: number[] = [];
  const ends: number[] = [];
  const taken = new Set<TransitionName>();
  const violations: Violation[] = [];
  const open = new Map(Object.entries(properties));

  function check(state: State, number: number, isEnd: boolean): void {
    for (const [property, { atEnd, holds }] of open) {
      if ((atEnd && !isEnd) || holds(state)) continue;
      violations.push({ property, trace: traceTo(number), state });
      open.delete(property);
    }
  }

  function traceTo(number: number): TransitionName[] {
    const trace: TransitionName[] = [];
    for (let at = number; at > 0; at = parents[at] ?? 0) trace.unshift(by[at] ?? 'crash');
    return trace;
  }

  let layer: { readonly state: State; readonly number: number }[] = [{ state: first, number: 0 }];
  while (layer.length > 0 && !(untilBroken && violations.length > 0)) {
    const next: typeof layer = [];
    for (const { state, number } of layer) {
      let isEnd = true;
      for (const { name, next: after } of steps(state, terms)) {
        taken.add(name);
        const key = keyOf(after);
        let known = numbers.get(key);
        if (known === undefined) {
          known = numbers.size;
          numbers.set(key, known);
          parents.push(number);
          by.push(name);
          next.push({ state: after, number: known });
        }
        if (mayStayAway(name)) continue;
        isEnd = false;
        from.push(number);
        to.push(known);
      }
      if (isEnd) ends.push(number);
      onState?.(state);
      check(state, number, isEnd);
    }
    layer = next;
  }
  return {
    states: numbers.size,
    ends: ends.length,
    taken,
    violations,
    endless: endlessOf(numbers.size, from, to, ends),
  };
}

/** How many states have no way to an end: counted backwards from the ends. */
function endlessOf(states: number, from: readonly number[], to: readonly number[], ends: readonly number[]): number {
  const first = new Int32Array(states + 1);
  for (const target of to) first[target + 1] = (first[target + 1] ?? 0) + 1;
  for (let at = 0; at < states; at++) first[at + 1] = (first[at + 1] ?? 0) + (first[at] ?? 0);
  const filled = first.slice();
  const before = new Int32Array(from.length);
  for (const [edge, target] of to.entries()) {
    const place = filled[target] ?? 0;
    before[place] = from[edge] ?? 0;
    filled[target] = place + 1;
  }
  const reaches = new Uint8Array(states);
  const queue = [...ends];
  for (const end of ends) reaches[end] = 1;
  for (let state = queue.pop(); state !== undefined; state = queue.pop())
    for (let edge = first[state] ?? 0; edge < (first[state + 1] ?? 0); edge++) {
      const one = before[edge] ?? 0;
      if (reaches[one] === 1) continue;
      reaches[one] = 1;
      queue.push(one);
    }
  return reaches.reduce((count, one) => count - one, states);
}
