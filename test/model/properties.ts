import type { Note, State } from './state.js';

/** What must hold in every state, or (`atEnd`) where nothing is left to be done. */
interface Property {
  readonly atEnd: boolean;
  readonly holds: (state: State) => boolean;
}

const every = (atEnd: boolean, holds: (note: Note) => boolean): Property => ({
  atEnd,
  holds: ({ notes }) => notes.every(holds),
});

/** The webhook is acknowledged, and whatever is told about it is told by one notification. */
export const PROPERTIES = {
  'nothing acknowledged is lost': {
    atEnd: true,
    holds: ({ hooks, inbox, heard, notes }) =>
      hooks.every(
        ({ at, fact }) =>
          at !== 'acknowledged' ||
          (inbox.some((row, index) => row.fact === fact && row.relayed && (heard & (1 << index)) !== 0) &&
            (fact !== 'news' || notes.some(({ status }) => status !== null))),
      ),
  },
  'nothing stays under way': every(true, ({ status }) => status !== 'sending' && status !== 'deferred'),
  'sent means that it came': every(true, ({ status, came }) => status !== 'sent' || came > 0),
  'not sent, or failed, means that nothing came': every(
    true,
    ({ status, came }) => (status !== 'not_sent' && status !== 'failed') || came === 0,
  ),
  'unknown only where an attempt ended in the window': every(
    true,
    ({ status, doubts }) => status !== 'unknown' || doubts !== 0,
  ),
  'one notification for one webhook': { atEnd: false, holds: ({ notes }) => notes.length <= 1 },
  'a second copy only where an attempt ended in the window': every(
    false,
    ({ came, doubts }) => came < 2 || doubts !== 0,
  ),
  'a second copy is marked': every(false, ({ came, possiblyDuplicate }) => came < 2 || possiblyDuplicate),
  'nothing is marked where no attempt ended in the window': every(
    false,
    ({ possiblyDuplicate, doubts }) => !possiblyDuplicate || doubts !== 0,
  ),
} as const satisfies Readonly<Record<string, Property>>;

/** Too strong to hold: SMTP can't keep it. What breaks it is the window. */
export const NO_SECOND_COPY = { 'no second copy, marked or not': every(false, ({ came }) => came < 2) } as const;
