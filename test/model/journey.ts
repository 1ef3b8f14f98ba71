import {
  isHandingOver,
  less,
  mayHaveGone,
  PROCESSES,
  withDoubt,
  withNote,
  type Attempt,
  type Bug,
  type May,
  type Note,
  type State,
  type Status,
  type Terms,
} from './state.js';

/** Signals the run, or starts one with all that was delivered and what became of every notification. */
export function signalled(state: State, facts: number, terms: Terms): State {
  if (state.run !== null) return heard(state, facts, terms);
  const delivered = state.inbox.reduce((all, row, at) => (row.relayed ? all | (1 << at) : all), 0);
  const notes = state.notes.map((note): Note => ({
    ...note,
    flight: 'none',
    overtaken: false,
    activity: 'none',
    known: note.status,
  }));
  return heard({ ...state, run: 0, notes }, delivered | facts, terms);
}

/** Facts are known once, however often they are told; then the journey decides. */
function heard(state: State, facts: number, { bug }: Terms): State {
  const before = state.run ?? 0;
  const run = before | facts;
  const isNews = (bit: number, at: number): boolean => (run & bit) !== 0 && state.inbox[at]?.fact === 'news';
  // Every different fact of the kind opens a notification; the inbox lets none in twice.
  const again = bug === 'no deduplication in the workflow' && (before & facts) !== 0 ? 1 : 0;
  const wanted = bits(state.inbox).filter(isNews).length + again;
  const notes = [...state.notes];
  while (notes.length < Math.min(wanted, 2)) notes.push(NEW_NOTE);
  return decided({ ...state, run, heard: state.heard | run, notes });
}

const bits = (all: readonly unknown[]): number[] => all.map((_, index) => 1 << index);

const NEW_NOTE: Note = {
  status: null,
  handingOver: false,
  possiblyDuplicate: false,
  noAnswers: 0,
  flight: 'none',
  overtaken: false,
  known: null,
  activity: 'none',
  came: 0,
  doubts: 0,
};

function decided(state: State): State {
  const known = state.run ?? 0;
  const overtaken = state.inbox.some(({ fact }, at) => fact === 'overtaking' && (known & (1 << at)) !== 0);
  return state.notes.reduce((all, _, at) => decidedAbout(all, at, overtaken), state);
}

function decidedAbout(state: State, at: number, overtaken: boolean): State {
  const note = state.notes[at];
  if (note === undefined) return state;
  const becomes = (next: Partial<Note>): State => withNote(state, at, next);
  if (note.flight === 'running') return overtaken ? calledBack(becomes({ flight: 'called_back' }), at) : state;
  if (note.flight !== 'none') return state;
  // A run before this one was lost while sending: only the sender can find out what became of it.
  if (note.known === 'sending') return becomes({ flight: 'running', activity: 'scheduled', overtaken });
  if (note.known !== null && note.known !== 'deferred') return state;
  return overtaken ? becomes({ flight: 'to_record' }) : becomes({ flight: 'running', activity: 'scheduled' });
}

/** What waits for its next attempt is cancelled at once; a running attempt is told with its heartbeat. */
const calledBack = (state: State, at: number): State =>
  state.notes[at]?.activity === 'scheduled' ? withNote(state, at, { flight: 'abandoned', activity: 'none' }) : state;

const ENDINGS: readonly (Status | null)[] = ['sent', 'failed', 'unknown', 'not_sent'];

/** What the journey, and Temporal for it, may do next. */
export function journey(state: State, { bug }: Terms, may: May): void {
  for (const [at, note] of state.notes.entries()) {
    if (note.flight === 'to_record')
      may('record', withNote(recorded(state, at, bug), at, { flight: 'none', known: 'not_sent' }));
    if (note.flight === 'abandoned' && bug === 'a dead send is not settled')
      may('settle_abandoned', withNote(state, at, { flight: 'none', known: 'failed' }));
    else if (note.flight === 'abandoned') {
      const isOvertaken = note.overtaken || isOvertakenNow(state);
      const after = abandoned(state, at, isOvertaken ? 'not_sent' : 'failed', bug);
      may('settle_abandoned', learned(after, at));
      if (state.left.crashes > 0) may('settle_abandoned_unheard', { ...after, left: less(state, 'crashes') });
    }
    if (note.activity === 'scheduled') {
      for (const by of PROCESSES)
        if (state.silent[by] !== true)
          may('start_attempt', {
            ...withNote(state, at, { activity: 'running' }),
            attempts: [...state.attempts, { ...NEW_ATTEMPT, note: at, by, overtaken: note.overtaken }],
          });
      may('give_up', withNote(state, at, { flight: 'abandoned', activity: 'none' }));
    }
  }
  const isOver = state.notes.every(({ flight, known }) => flight === 'none' && ENDINGS.includes(known));
  if (state.run !== null && state.notes.length > 0 && isOver) may('end_journey', { ...state, run: null });
}

const isOvertakenNow = ({ inbox, run }: State): boolean =>
  inbox.some(({ fact }, at) => fact === 'overtaking' && ((run ?? 0) & (1 << at)) !== 0);

const NEW_ATTEMPT: Attempt = {
  note: 0,
  by: 0,
  at: 'started',
  counts: true,
  holds: false,
  mayHaveGone: false,
  overtaken: false,
  answer: null,
  says: null,
};

/** What the journey decides without sending. */
function recorded(state: State, at: number, bug: Bug | undefined): State {
  const note = state.notes[at];
  if (note === undefined) return state;
  const isOpen = note.status === null || ['deferred', 'not_sent', 'failed'].includes(note.status);
  const isUnknown = mayHaveGone(note) && bug !== 'what is overtaken was not sent, whatever happened';
  return isOpen ? withNote(state, at, { status: isUnknown ? 'unknown' : 'not_sent' }) : state;
}

/** Settles a row whose last attempt has died; takes its number from one that hadn't begun to hand over. */
function abandoned(state: State, at: number, ending: Status, bug: Bug | undefined): State {
  const note = state.notes[at];
  if (note === undefined) return state;
  if (note.status === null) return withNote(state, at, { status: ending });
  if (note.status !== 'sending' && note.status !== 'deferred') return state;
  const forgets =
    ending === 'failed'
      ? bug === 'what was given up has failed, whatever happened'
      : bug === 'what is overtaken was not sent, whatever happened';
  const isUnknown = mayHaveGone(note) && !forgets;
  const living = state.attempts.some((one) => one.note === at && one.holds && isHandingOver(one));
  const attempts = note.handingOver
    ? state.attempts
    : state.attempts.map((one) => (one.note === at ? { ...one, holds: false } : one));
  const doubts = living ? withDoubt(note, 'given up by the journey') : note.doubts;
  return withNote({ ...state, attempts }, at, { status: isUnknown ? 'unknown' : ending, doubts });
}

/** The run is told how the row stands, and looks again. */
function learned(state: State, at: number): State {
  const note = state.notes[at];
  return note === undefined ? state : decided(withNote(state, at, { flight: 'none', known: note.status }));
}

/** Temporal hears what an attempt says: an outcome is the journey's, all else is tried again unless it was called back. */
export function reported(state: State, { note: at }: Attempt, says: Status | 'again'): State {
  if (says !== 'again') {
    const done = withNote(state, at, { flight: 'none', activity: 'none', known: says });
    return decided(done);
  }
  const again = withNote(state, at, { activity: 'scheduled' });
  return again.notes[at]?.flight === 'called_back' ? calledBack(again, at) : again;
}
