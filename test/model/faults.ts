import { reported } from './journey.js';
import {
  isHandingOver,
  less,
  PROCESSES,
  replaced,
  withDoubt,
  withNote,
  type Doubt,
  type Hook,
  type May,
  type Note,
  type Place,
  type State,
} from './state.js';

const CRASHED_AT: Partial<Record<Place, Doubt>> = {
  begun: 'crash before the message left',
  leaving: 'crash while it was leaving',
  taken: 'crash after the server took it',
  answered: 'crash before the answer was written',
};

/** What may befall them, as far as any of it is left. */
export function befall(state: State, may: May): void {
  for (const by of PROCESSES) {
    if (state.left.crashes > 0) may('crash', { ...crashed(state, by), left: less(state, 'crashes') });
    if (state.silent[by] === true) may('speak_again', { ...state, silent: replaced(state.silent, by, false) });
    else if (state.left.silences > 0) may('fall_silent', { ...silenced(state, by), left: less(state, 'silences') });
  }
  for (const [at, one] of state.attempts.entries()) {
    if (!one.counts || one.says !== null) continue;
    // Who is paused, or cut off, sends no heartbeat either.
    if (state.silent[one.by] === true) may('lose_sight', unseen(state, at));
    else if (state.left.losses > 0) may('lose_sight', { ...unseen(state, at), left: less(state, 'losses') });
  }
  if (state.left.stores > 0 && !state.storeLost)
    may('lose_store', {
      ...state,
      run: null,
      storeLost: true,
      notes: state.notes.map((note): Note => ({
        ...note,
        flight: 'none',
        overtaken: false,
        known: null,
        activity: 'none',
      })),
      attempts: state.attempts.map((one) => ({ ...one, counts: false })),
      left: less(state, 'stores'),
    });
}

/** A process dies between two effects, and is started again: all that was in its memory is gone. */
function crashed(state: State, by: number): State {
  const [dead, alive] = [true, false].map((its) => state.attempts.filter((one) => (one.by === by) === its));
  const hooks = state.hooks.map((hook): Hook => {
    if (hook.by !== by) return hook;
    return { ...hook, at: hook.at === 'answered_early' ? 'acknowledged' : 'to_post', by: null };
  });
  const without: State = {
    ...state,
    hooks,
    relays: replaced(state.relays, by, { at: 'idle', facts: 0, woken: false }),
    silent: replaced(state.silent, by, false),
    attempts: alive ?? [],
  };
  return (dead ?? []).reduce((all, one) => {
    const note = all.notes[one.note];
    const doubt = CRASHED_AT[one.at];
    if (note === undefined) return all;
    const noted = doubt === undefined ? all : withNote(all, one.note, { doubts: withDoubt(note, doubt) });
    return one.counts ? reported(noted, one, 'again') : noted;
  }, without);
}

function silenced(state: State, by: number): State {
  const silent: State = { ...state, silent: replaced(state.silent, by, true) };
  return state.attempts
    .filter((one) => one.by === by && isHandingOver(one))
    .reduce<State>((all, { note: at }) => {
      const note = all.notes[at];
      return note === undefined ? all : withNote(all, at, { doubts: withDoubt(note, 'silence') });
    }, silent);
}

/** Temporal hears no heartbeat of an attempt that lives, and has it tried again. */
function unseen(state: State, at: number): State {
  const one = state.attempts[at];
  if (one === undefined) return state;
  return reported({ ...state, attempts: replaced(state.attempts, at, { ...one, counts: false }) }, one, 'again');
}
