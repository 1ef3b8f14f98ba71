import { MOST_NO_ANSWERS } from '../../src/ledger/attempts.js';
import { reported } from './journey.js';
import {
  isFree,
  less,
  replaced,
  withDoubt,
  withNote,
  type Answer,
  type Attempt,
  type May,
  type Note,
  type State,
  type Status,
  type Terms,
} from './state.js';
import type { TransitionName } from './transitions.js';

/** What an attempt may do next, and the mail server with it. */
export function attempt(state: State, at: number, terms: Terms, may: May): void {
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
    else may('find_settled', ends(note.status));
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
