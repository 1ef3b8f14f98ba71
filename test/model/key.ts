import type { Attempt, Faults, Hook, Note, Relay, State, Status } from './state.js';

/**
 * A state in a few characters, some fields to each, every field at a place of its own: written out, because it is done
 * a million times. Two that differ only in which process is which are the same.
 */
export function keyOf(state: State): string {
  const [one, other] = [encoded(state, 0), encoded(state, 1)];
  return one < other ? one : other;
}

const STATUSES: Readonly<Record<Status | 'again' | 'none', number>> = {
  none: 0,
  again: 1,
  sending: 2,
  deferred: 3,
  sent: 4,
  failed: 5,
  unknown: 6,
  not_sent: 7,
};
const FLIGHTS: Readonly<Record<Note['flight'], number>> = {
  none: 0,
  running: 1,
  called_back: 2,
  abandoned: 3,
  to_record: 4,
};
const ACTIVITIES: Readonly<Record<Note['activity'], number>> = { none: 0, scheduled: 1, running: 2 };
const PLACES: Readonly<Record<Attempt['at'], number>> = {
  started: 0,
  claimed: 1,
  begun: 2,
  leaving: 3,
  taken: 4,
  answered: 5,
  settled: 6,
};
const ANSWERS: Readonly<Record<NonNullable<Attempt['answer']> | 'none', number>> = {
  none: 0,
  accepted: 1,
  refused: 2,
  temporary: 3,
  temporary_perhaps: 4,
  no_answer: 5,
  cancelled: 6,
};
const HOOKS: Readonly<Record<Hook['at'], number>> = { to_post: 0, answered_early: 1, kept: 2, acknowledged: 3 };
const RELAYS: Readonly<Record<Relay['at'], number>> = { idle: 0, leased: 1, signalled: 2, marked_early: 3 };

const bit = (is: boolean | undefined, place: number): number => (is === true ? 1 << place : 0);

/** @param swap 1: as if the two processes had each other's names. */
function encoded(state: State, swap: 0 | 1): string {
  const { hooks, inbox, relays, wake, storeLost, run, heard, left, notes, attempts, silent } = state;
  const codes: number[] = [];
  for (const { fact, at, by } of hooks)
    codes.push(bit(fact === 'news', 0) | (HOOKS[at] << 1) | ((by === null ? 2 : by ^ swap) << 3));
  codes.sort(ascending);
  for (let place = 0; place < 2; place++) {
    const relay = relays[place ^ swap];
    if (relay !== undefined)
      codes.push(RELAYS[relay.at] | (relay.facts << 2) | bit(relay.woken, 5) | bit(silent[place ^ swap], 6));
  }
  let rows = 1;
  for (const { fact, relayed } of inbox) rows = (rows << 2) | bit(fact === 'news', 0) | bit(relayed, 1);
  codes.push(rows | bit(wake, 7) | bit(storeLost, 8) | (heard << 9), run === null ? 8 : run, codeOfLeft(left));
  for (const note of notes) {
    codes.push(
      STATUSES[note.status ?? 'none'] |
        bit(note.handingOver, 3) |
        bit(note.possiblyDuplicate, 4) |
        (note.noAnswers << 5) |
        (note.came << 7),
      FLIGHTS[note.flight] |
        bit(note.overtaken, 3) |
        (STATUSES[note.known ?? 'none'] << 4) |
        (ACTIVITIES[note.activity] << 7),
      note.doubts,
    );
  }
  const fixed = codes.length;
  for (const one of attempts) codes.push(codeOfAttempt(one, swap));
  if (attempts.length > 1) codes.push(...codes.splice(fixed).sort(ascending));
  return String.fromCharCode(hooks.length, notes.length, ...codes);
}

const codeOfLeft = ({ crashes, troubles, silences, losses, stores }: Faults): number =>
  crashes | (troubles << 2) | (silences << 4) | (losses << 6) | (stores << 8);

const codeOfAttempt = (one: Attempt, swap: 0 | 1): number =>
  one.note |
  ((one.by ^ swap) << 1) |
  (PLACES[one.at] << 2) |
  bit(one.counts, 5) |
  bit(one.holds, 6) |
  bit(one.mayHaveGone, 7) |
  bit(one.overtaken, 8) |
  (ANSWERS[one.answer ?? 'none'] << 9) |
  (STATUSES[one.says ?? 'none'] << 12);

const ascending = (a: number, b: number): number => a - b;
