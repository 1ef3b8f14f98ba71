import { signalled } from './journey.js';
import {
  isFree,
  PROCESSES,
  replaced,
  type Bug,
  type Hook,
  type Kept,
  type May,
  type Relay,
  type State,
  type Terms,
} from './state.js';

/** The receivers: a webhook is kept, then acknowledged. */
export function receive(state: State, { bug }: Terms, may: May): void {
  const early = bug === 'acknowledged before the commit';
  for (const [at, hook] of state.hooks.entries()) {
    const becomes = (hookNext: Hook, more: Partial<State> = {}): State => ({
      ...state,
      ...more,
      hooks: replaced(state.hooks, at, hookNext),
    });
    const kept = (): readonly Kept[] =>
      bug !== 'the same webhook is kept twice' && state.inbox.some(({ fact }) => fact === hook.fact)
        ? state.inbox
        : [...state.inbox, { fact: hook.fact, relayed: false }];
    if (hook.at === 'to_post')
      for (const by of PROCESSES) {
        if (state.silent[by] === true) continue;
        if (early) may('acknowledge', becomes({ ...hook, at: 'answered_early', by }));
        else may('keep', becomes({ ...hook, at: 'kept', by }, { inbox: kept() }));
      }
    if (hook.at === 'answered_early')
      may('keep', becomes({ ...hook, at: 'acknowledged', by: null }, { inbox: kept() }));
    if (hook.at === 'kept') may('acknowledge', becomes({ ...hook, at: 'acknowledged', by: null }));
  }
}

/** The relays: lease, signal, mark; and what they look for between two rounds. */
export function relay(state: State, terms: Terms, may: May): void {
  const { bug } = terms;
  for (const by of PROCESSES) {
    const one = state.relays[by];
    if (one === undefined || state.silent[by] === true) continue;
    const becomes = (next: Relay, from: State = state): State => ({ ...from, relays: replaced(from.relays, by, next) });
    const mark = (from: State): State => ({
      ...from,
      wake: from.wake && !one.woken,
      inbox: from.inbox.map((row, at) => ((one.facts & (1 << at)) === 0 ? row : { ...row, relayed: true })),
    });
    const idle: Relay = { at: 'idle', facts: 0, woken: false };
    if (one.at === 'idle') {
      chores(state, terms, may);
      const facts = state.inbox.reduce((all, row, at) => (row.relayed ? all : all | (1 << at)), 0);
      const leasedByAnother = PROCESSES.some(
        (other) => other !== by && state.relays[other]?.at !== 'idle' && state.silent[other] !== true,
      );
      if ((facts !== 0 || state.wake) && !leasedByAnother)
        may('lease', becomes({ at: 'leased', facts, woken: state.wake }));
    } else if (one.at === 'leased') {
      if (bug === 'marked as relayed before the signal')
        may('mark', becomes({ ...one, at: 'marked_early' }, mark(state)));
      else may('signal', becomes({ ...one, at: 'signalled' }, signalled(state, one.facts, terms)));
    } else if (one.at === 'marked_early') {
      may('signal', becomes(idle, signalled(state, one.facts, terms)));
    } else may('mark', becomes(idle, mark(state)));
  }
}

/** What a relay looks for between its rounds. */
function chores(state: State, { bug }: Terms, may: May): void {
  if (state.storeLost) {
    const isLeased = state.relays.some(({ at }) => at !== 'idle');
    const begun =
      state.inbox.some(({ relayed }) => relayed) ||
      (isLeased && bug !== 'subjects that are just being signalled are not woken');
    const after = { ...state, storeLost: false };
    may('notice_lost_store', begun ? woken(after, bug) : after);
  }
  const waits = state.notes.some(
    (note, at) => (note.status === 'sending' && isFree(state, at)) || note.status === 'deferred',
  );
  if (waits && state.run === null && !state.wake) may('sweep_orphans', woken(state, bug));
}

/** A wake is known by its time: a relay that delivers an earlier one leaves this one alone. */
const woken = (state: State, bug: Bug | undefined): State => ({
  ...state,
  wake: true,
  relays:
    bug === 'a wake takes back a later one'
      ? state.relays
      : state.relays.map((one) => (one.woken ? { ...one, woken: false } : one)),
});
