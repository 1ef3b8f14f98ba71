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
export interface Kept {
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

export type Place = 'started' | 'claimed' | 'begun' | 'leaving' | 'taken' | 'answered' | 'settled';
export type Answer = 'accepted' | 'refused' | 'temporary' | 'temporary_perhaps' | 'no_answer' | 'cancelled';

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

export const PROCESSES = [0, 1] as const;

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

/** Says that something may happen, and what is the case then. */
export type May = (name: TransitionName, next: State) => void;

export const replaced = <T>(all: readonly T[], at: number, by: T): T[] =>
  all.map((one, index) => (index === at ? by : one));

export function withNote(state: State, at: number, next: Partial<Note>): State {
  const note = state.notes[at];
  return note === undefined ? state : { ...state, notes: replaced(state.notes, at, { ...note, ...next }) };
}

export const less = ({ left }: State, fault: keyof Faults): Faults => ({ ...left, [fault]: left[fault] - 1 });

export const mayHaveGone = ({ handingOver, possiblyDuplicate }: Note): boolean => handingOver || possiblyDuplicate;

export const isHandingOver = ({ at }: Attempt): boolean => ['begun', 'leaving', 'taken', 'answered'].includes(at);

const isAtWork = (one: Attempt): boolean => one.at === 'claimed' || isHandingOver(one);

export const withDoubt = ({ doubts }: Note, doubt: Doubt): number => doubts | (1 << DOUBTS.indexOf(doubt));

/** Whether another attempt may take over a row that is being sent: nobody works on it, or who does is taken for dead. */
export const isFree = ({ attempts, silent }: State, note: number): boolean =>
  !attempts.some((one) => one.note === note && one.holds && isAtWork(one) && silent[one.by] !== true);
