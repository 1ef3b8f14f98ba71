import type { Attempt, Faults, Hook, Note, Relay, State, Status } from './protocol.js';

/** A state in a few characters; two that differ only in which process is which are the same. */
export function keyOf(state: State): string {
  const [one, other] = [encoded(state, 0), encoded(state, 1)];
  return one < other ? one : other;
}

const STATUSES: readonly (Status | 'again' | null)[] = [
  null,
  'again',
  'sending',
  'deferred',
  'sent',
  'failed',
  'unknown',
  'not_sent',
];
const FLIGHTS: readonly Note['flight'][] = ['none', 'running', 'called_back', 'abandoned', 'to_record'];
const ACTIVITIES: readonly Note['activity'][] = ['none', 'scheduled', 'running'];
const PLACES: readonly Attempt['at'][] = ['started', 'claimed', 'begun', 'leaving', 'taken', 'answered', 'settled'];
const ANSWERS: readonly Attempt['answer'][] = [
  null,
  'accepted',
  'refused',
  'temporary',
  'temporary_perhaps',
  'no_answer',
  'cancelled',
];
const HOOKS: readonly Hook['at'][] = ['to_post', 'answered_early', 'kept', 'acknowledged'];
const RELAYS: readonly Relay['at'][] = ['idle', 'leased', 'signalled', 'marked_early'];
const LEFT: readonly (keyof Faults)[] = ['crashes', 'troubles', 'silences', 'losses', 'stores'];

/** Digits of one number, each in a base of its own: at most 65,536 values in all. */
function packed(...digits: readonly (readonly [digit: number, base: number])[]): number {
  return digits.reduce((sum, [digit, base]) => {
    if (digit < 0 || digit >= base) throw new RangeError('a state that its key has no place for');
    return sum * base + digit;
  }, 0);
}

const bit = (is: boolean): readonly [number, number] => [is ? 1 : 0, 2];
const one = <T>(of: T, all: readonly T[]): readonly [number, number] => [all.indexOf(of), all.length];
const ascending = (a: number, b: number): number => a - b;

/** @param swap 1: as if the two processes had each other's names. */
function encoded(state: State, swap: 0 | 1): string {
  const as = (by: number): number => by ^ swap;
  const hooks = state.hooks.map(({ fact, at, by }) =>
    packed(bit(fact === 'news'), one(at, HOOKS), [by === null ? 2 : as(by), 3]),
  );
  const processes = [as(0), as(1)].flatMap((by) => {
    const relay = state.relays[by];
    if (relay === undefined) return [];
    return packed(one(relay.at, RELAYS), [relay.facts, 8], bit(relay.woken), bit(state.silent[by] === true));
  });
  const rows = state.inbox.reduce((sum, { fact, relayed }) => sum * 5 + 1 + packed(bit(fact === 'news'), bit(relayed)), 0);
  const { wake, storeLost, run, heard, left } = state;
  const attempts = state.attempts.map((a) =>
    packed(
      [a.note, 2],
      [as(a.by), 2],
      one(a.at, PLACES),
      bit(a.counts),
      bit(a.holds),
      bit(a.mayHaveGone),
      bit(a.overtaken),
      one(a.answer, ANSWERS),
      one(a.says, STATUSES),
    ),
  );
  return String.fromCharCode(
    ...hooks.sort(ascending),
    ...processes,
    packed([rows, 125], bit(wake), bit(storeLost), [run === null ? 8 : run, 9], [heard, 8]),
    packed(...LEFT.map((fault) => [left[fault], 4] as const)),
    state.notes.length,
    ...state.notes.flatMap(codesOf),
    ...attempts.sort(ascending),
  );
}

const codesOf = (n: Note): number[] => [
  packed(one(n.status, STATUSES), bit(n.handingOver), bit(n.possiblyDuplicate), [n.noAnswers, 4]),
  packed(one(n.flight, FLIGHTS), bit(n.overtaken), one(n.known, STATUSES), one(n.activity, ACTIVITIES)),
  packed([n.came, 4], [n.doubts, 256]),
];
