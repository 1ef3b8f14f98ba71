import { MOST_NO_ANSWERS } from '../../src/ledger/attempts.js';
import type { TransitionName } from './transitions.js';

/**
 * The send-once protocol as a machine of small, atomic effects: what one statement, one call or one SMTP reply does is
 * one transition. Two processes, each with a receiver, a relay and a worker; one patient, one notification of which a
 * webhook tells (and a second one only where a bug opens it). Plain data, never changed.
 */
export interface State {
  readonly hooks: readonly Hook[];
  readonly inbox: readonly Kept[];
  /** One in each process. */
  readonly relays: readonly Relay[];
  /** The subject is to be started again, whether or not there is news. */
  readonly wake: boolean;
  /** Whether Temporal's store was lost and no relay has noticed yet. */
  readonly storeLost: boolean;
  /** The journey's open run: which rows of the inbox it knows, as bits. Null: none is open. */
  readonly run: number | null;
  readonly notes: readonly Note[];
  readonly attempts: readonly Attempt[];
  /** Processes that are alive and can't reach the database: paused, or cut off. Others take them for stopped. */
  readonly silent: readonly boolean[];
  readonly left: Faults;
  /** Which rows of the inbox any run has ever heard of: for the properties only. */
  readonly heard: number;
}

export type FactName = 'news' | 'overtaking';

/** A webhook as the partner sees it: it is posted until it is acknowledged. */
export interface Hook {
  readonly fact: FactName;
  readonly at: 'to_post' | 'answered_early' | 'kept' | 'acknowledged';
  /** The process that has it in hand. */
  readonly by: number | null;
}

/** A row of the inbox. */
interface Kept {
  readonly fact: FactName;
  readonly relayed: boolean;
}

export interface Relay {
  readonly at: 'idle' | 'leased' | 'signalled' | 'marked_early';
  /** What it has gathered, as bits of the inbox. */
  readonly facts: number;
  readonly woken: boolean;
}

export type Status = 'sending' | 'deferred' | 'sent' | 'failed' | 'unknown' | 'not_sent';

export interface Note {
  // The ledger's row.
  /** Null while there is no row. */
  readonly status: Status | null;
  readonly handingOver: boolean;
  readonly possiblyDuplicate: boolean;
  readonly noAnswers: number;
  // What the journey's run knows, and Temporal's activity.
  readonly flight: 'none' | 'running' | 'called_back' | 'abandoned' | 'to_record';
  readonly overtaken: boolean;
  readonly known: Status | null;
  readonly activity: 'none' | 'scheduled' | 'running';
  // What really happened: for the properties only.
  /** How many copies have come. */
  readonly came: number;
  /** What befell an attempt between "hand-over begun" and "answer written". */
  readonly doubts: number;
}

/** An attempt that is in a process's memory. */
export interface Attempt {
  readonly note: number;
  readonly by: number;
  readonly at: Place;
  /** Whether Temporal still waits for it. */
  readonly counts: boolean;
  /** Whether the row has its number. */
  readonly holds: boolean;
  readonly mayHaveGone: boolean;
  readonly overtaken: boolean;
  readonly answer: Answer | null;
  /** What it will say to Temporal. */
  readonly says: Status | 'again' | null;
}

type Place = 'started' | 'claimed' | 'begun' | 'leaving' | 'taken' | 'answered' | 'settled';
type Answer = 'accepted' | 'refused' | 'temporary' | 'temporary_perhaps' | 'no_answer' | 'cancelled';

/** What may befall it yet. */
export interface Faults {
  readonly crashes: number;
  /** Of the mail server. */
  readonly troubles: number;
  readonly silences: number;
  /** Temporal takes a living attempt for dead. */
  readonly losses: number;
  readonly stores: number;
}

/** What befell an attempt in the window. The explorer reports which of these a second copy took. */
export const DOUBTS = [
  'crash before the message left',
  'crash while it was leaving',
  'crash after the server took it',
  'crash before the answer was written',
  'silence',
  'reply lost',
  'answer not written',
  'given up by the journey',
] as const;
export type Doubt = (typeof DOUBTS)[number];

/** Bugs of the protocol, each of which a property must catch. */
export type Bug =
  | 'acknowledged before the commit'
  | 'the same webhook is kept twice'
  | 'marked as relayed before the signal'
  | 'subjects that are just being signalled are not woken'
  | 'a wake takes back a later one'
  | 'no deduplication in the workflow'
  | 'claim without a condition'
  | 'takeover while the owner lives'
  | 'hand-over begins without asking whose the row is'
  | 'no mark that the hand-over begins'
  | 'a claim freed by a crash leaves no note'
  | 'settled before the hand-over'
  | 'settles whatever attempt holds the row'
  | 'no answer is put off like a refusal'
  | 'a refusal speaks for the earlier attempts too'
  | 'what is overtaken was not sent, whatever happened'
  | 'what was given up has failed, whatever happened'
  | 'a dead send is not settled';

export interface Terms {
  /** Copies of the webhook that the partner posts. */
  readonly copies: number;
  /** Whether another webhook overtakes the notification. */
  readonly overtaking: boolean;
  /** Results are tried again after no answer. */
  readonly ofResults: boolean;
  readonly faults: Faults;
  readonly bug?: Bug;
}

const PROCESSES = [0, 1] as const;

export function start({ copies, overtaking, faults }: Terms): State {
  const hook = (fact: FactName): Hook => ({ fact, at: 'to_post', by: null });
  const idle: Relay = { at: 'idle', facts: 0, woken: false };
  return {
    hooks: [...Array.from({ length: copies }, () => hook('news')), ...(overtaking ? [hook('overtaking')] : [])],
    inbox: [],
    relays: PROCESSES.map(() => idle),
    wake: false,
    storeLost: false,
    run: null,
    notes: [],
    attempts: [],
    silent: PROCESSES.map(() => false),
    left: faults,
    heard: 0,
  };
}

/** One atomic effect: what it stands for, and what is the case afterwards. */
export interface Step {
  readonly name: TransitionName;
  readonly next: State;
}

/** All that may happen next, whoever moves. */
export function steps(state: State, terms: Terms): Step[] {
  const found: Step[] = [];
  const may = (name: TransitionName, next: State): void => {
    found.push({ name, next });
  };
  receive(state, terms, may);
  relay(state, terms, may);
  journey(state, terms, may);
  for (const at of state.attempts.keys()) attempt(state, at, terms, may);
  befall(state, terms, may);
  return found;
}

type May = (name: TransitionName, next: State) => void;

const replaced = <T>(all: readonly T[], at: number, by: T): T[] => all.map((one, index) => (index === at ? by : one));
const bits = (all: readonly unknown[]): number[] => all.map((_, index) => 1 << index);

// ---- receiver and inbox

function receive(state: State, { bug }: Terms, may: May): void {
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

// ---- relay

function relay(state: State, terms: Terms, may: May): void {
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

// ---- the journey in Temporal

/** Signals the run, or starts one with all that was delivered and what became of every notification. */
function signalled(state: State, facts: number, terms: Terms): State {
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

function withNote(state: State, at: number, next: Partial<Note>): State {
  const note = state.notes[at];
  return note === undefined ? state : { ...state, notes: replaced(state.notes, at, { ...note, ...next }) };
}

const ENDINGS: readonly (Status | null)[] = ['sent', 'failed', 'unknown', 'not_sent'];

function journey(state: State, { bug }: Terms, may: May): void {
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

const mayHaveGone = ({ handingOver, possiblyDuplicate }: Note): boolean => handingOver || possiblyDuplicate;

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

// ---- one attempt

const isHandingOver = ({ at }: Attempt): boolean => ['begun', 'leaving', 'taken', 'answered'].includes(at);
const isAtWork = (one: Attempt): boolean => one.at === 'claimed' || isHandingOver(one);
const withDoubt = ({ doubts }: Note, doubt: Doubt): number => doubts | (1 << DOUBTS.indexOf(doubt));

/** Whether another attempt may take over a row that is being sent: nobody works on it, or who does is taken for dead. */
const isFree = ({ attempts, silent }: State, note: number): boolean =>
  !attempts.some((one) => one.note === note && one.holds && isAtWork(one) && silent[one.by] !== true);

function attempt(state: State, at: number, terms: Terms, may: May): void {
  const one = state.attempts[at];
  const note = state.notes[one?.note ?? -1];
  if (one === undefined || note === undefined) return;
  const { bug } = terms;
  const isCutOff = state.silent[one.by] === true;
  const becomes = (next: Partial<Attempt>, row: Partial<Note> = {}): State =>
    withNote({ ...state, attempts: replaced(state.attempts, at, { ...one, ...next }) }, one.note, row);
  const trouble = (name: TransitionName, next: Partial<Attempt>, row: Partial<Note> = {}): void => {
    if (state.left.troubles > 0) may(name, { ...becomes(next, row), left: less(state, 'troubles') });
  };
  const ends = (says: Status | 'again', row: Partial<Note> = {}): State =>
    becomes({ at: 'settled', holds: false, says }, row);

  switch (one.at) {
    case 'started':
      if (isCutOff) may('database_away', ends('again'));
      else claim();
      return;
    case 'claimed':
      if (isCutOff) may('database_away', ends('again'));
      else if (one.overtaken) obstacle();
      else beginHandOver();
      return;
    case 'begun': {
      const isCancelled = (one.counts && note.flight === 'called_back') || isCutOff;
      if (isCancelled) may('call_off', becomes({ at: 'answered', answer: 'cancelled' }));
      trouble('refuse', { at: 'answered', answer: 'refused' });
      trouble('put_off', { at: 'answered', answer: 'temporary' });
      may('leave', becomes({ at: 'leaving' }));
      return;
    }
    case 'leaving':
      may('take', becomes({ at: 'taken' }, { came: Math.min(note.came + 1, 3) }));
      trouble('refuse', { at: 'answered', answer: 'refused' });
      trouble('put_off', { at: 'answered', answer: 'temporary' });
      lost();
      return;
    case 'taken':
      may('reply', becomes({ at: 'answered', answer: 'accepted' }));
      lost();
      return;
    case 'answered':
      if (isCutOff) may('answer_not_written', ends('again', { doubts: withDoubt(note, 'answer not written') }));
      else settle();
      return;
    case 'settled':
      report();
  }

  /** The connection breaks, or the server says 421, which is no answer to the message. */
  function lost(): void {
    const doubts = note === undefined ? 0 : withDoubt(note, 'reply lost');
    trouble('lose_reply', { at: 'answered', answer: 'no_answer' }, { doubts });
    trouble('shut_down', { at: 'answered', answer: 'temporary_perhaps' }, { doubts });
  }

  function claim(): void {
    if (note === undefined || one === undefined) return;
    const canTake =
      bug === 'claim without a condition' ||
      note.status === null ||
      note.status === 'deferred' ||
      (note.status === 'sending' && (isFree(state, one.note) || bug === 'takeover while the owner lives')) ||
      (note.status === 'unknown' && terms.ofResults && note.noAnswers < MOST_NO_ANSWERS);
    if (canTake) {
      const freed = bug !== 'a claim freed by a crash leaves no note' && note.handingOver;
      const possiblyDuplicate = note.possiblyDuplicate || freed;
      const others = state.attempts.map((other) => (other.note === one.note ? { ...other, holds: false } : other));
      const claimed: Attempt = { ...one, at: 'claimed', holds: true, mayHaveGone: possiblyDuplicate };
      const next = { ...state, attempts: replaced(others, at, claimed) };
      may('claim', withNote(next, one.note, { status: 'sending', possiblyDuplicate }));
    } else if (note.status === 'sending') may('find_busy', ends('again'));
    else may('find_settled', ends(note.status ?? 'again'));
  }

  function obstacle(): void {
    if (one === undefined) return;
    const doubt = one.mayHaveGone && bug !== 'what is overtaken was not sent, whatever happened';
    const status = doubt ? 'unknown' : 'not_sent';
    may('settle_obstacle', ends(status, isItsRow() ? { status, handingOver: doubt } : {}));
  }

  function beginHandOver(): void {
    if (one === undefined || note === undefined) return;
    const asks = bug !== 'hand-over begins without asking whose the row is';
    if (asks && (!one.holds || note.status !== 'sending')) {
      may('begin_refused', ends('again'));
      return;
    }
    may(
      'begin_hand_over',
      becomes(
        { at: 'begun' },
        {
          handingOver: bug === 'no mark that the hand-over begins' ? note.handingOver : true,
          ...(bug === 'settled before the hand-over' ? { status: 'sent' } : {}),
        },
      ),
    );
  }

  function isItsRow(): boolean {
    const open = note?.status === 'sending' || note?.status === 'unknown';
    return (open && one?.holds === true) || (bug === 'settles whatever attempt holds the row' && note?.status !== null);
  }

  function settle(): void {
    if (one?.answer == null || note === undefined) return;
    const { row, says } = becomesOf(one.answer, one, note, terms);
    may('settle', ends(says, isItsRow() ? row : {}));
  }

  function report(): void {
    if (one?.says == null) return;
    const gone = { ...state, attempts: state.attempts.filter((_, index) => index !== at) };
    may('report', one.counts ? reported(gone, one, one.says) : gone);
  }
}

/** Temporal hears what an attempt says: an outcome is the journey's, all else is tried again unless it was called back. */
function reported(state: State, { note: at }: Attempt, says: Status | 'again'): State {
  if (says !== 'again') {
    const done = withNote(state, at, { flight: 'none', activity: 'none', known: says });
    return decided(done);
  }
  const again = withNote(state, at, { activity: 'scheduled' });
  return again.notes[at]?.flight === 'called_back' ? calledBack(again, at) : again;
}

/** What the mail server's answer makes of the row, and what is said to Temporal. */
function becomesOf(
  answer: Answer,
  { mayHaveGone: perhaps }: Attempt,
  note: Note,
  { ofResults, bug }: Terms,
): { readonly row: Partial<Note>; readonly says: Status | 'again' } {
  const noAnswers = note.noAnswers + 1;
  switch (answer) {
    case 'accepted':
      return { row: { status: 'sent', handingOver: false }, says: 'sent' };
    case 'refused': {
      const isUnknown = perhaps && bug !== 'a refusal speaks for the earlier attempts too';
      const status = isUnknown ? 'unknown' : 'failed';
      return { row: { status, handingOver: isUnknown, ...(isUnknown ? { noAnswers } : {}) }, says: status };
    }
    case 'no_answer':
      if (bug === 'no answer is put off like a refusal')
        return { row: { status: 'deferred', handingOver: false }, says: 'again' };
      return {
        row: { status: 'unknown', handingOver: true, noAnswers },
        says: ofResults && noAnswers < MOST_NO_ANSWERS ? 'again' : 'unknown',
      };
    case 'temporary':
    case 'cancelled':
      return { row: { status: 'deferred', handingOver: false }, says: 'again' };
    case 'temporary_perhaps':
      return { row: { status: 'deferred', handingOver: true }, says: 'again' };
  }
}

// ---- what befalls them

const less = ({ left }: State, fault: keyof Faults): Faults => ({ ...left, [fault]: left[fault] - 1 });

const CRASHED_AT: Partial<Record<Place, Doubt>> = {
  begun: 'crash before the message left',
  leaving: 'crash while it was leaving',
  taken: 'crash after the server took it',
  answered: 'crash before the answer was written',
};

function befall(state: State, _terms: Terms, may: May): void {
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
