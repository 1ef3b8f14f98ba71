import { type UnknownWord, WORD_PLACES, type WordPlace } from '../../domain/unknown-words.js';
import {
  KIT_STATUSES,
  ORDER_STATUSES,
  SAMPLE_STATUSES,
  SET_STATUSES,
  TEST_STATUSES,
  TIMELINE_EVENTS,
  TRANSIT_WORDS,
} from './words.js';

interface Table {
  readonly of: (word: string) => unknown;
}

const TABLES: Readonly<Record<WordPlace, readonly Table[]>> = {
  status: [KIT_STATUSES, TRANSIT_WORDS],
  sample_status: [SAMPLE_STATUSES, TRANSIT_WORDS],
  timeline: [TIMELINE_EVENTS],
  transit: [TRANSIT_WORDS],
  order: [ORDER_STATUSES],
  results: [SET_STATUSES],
  result: [TEST_STATUSES],
};

/** A word that is fit for the log and for whoever keeps the tables. */
const PLAIN = /^[a-z_]{1,40}$/;
/** What stands for a word that may be a value of the patient's, and for what is no word at all. */
const ODD = 'odd';
const UNREADABLE = 'unreadable';

/**
 * Of all that a human is asked to look at for its words (`<place> <word>`), those that are in no table. A word that is in
 * one, and contradicts another, needs no row.
 */
export function wordsInNoTable(strange: readonly string[]): UnknownWord[] {
  return strange.flatMap((one): UnknownWord[] => {
    const at = one.indexOf(' ');
    const word = one.slice(at + 1);
    const place = WORD_PLACES.find((name) => name === one.slice(0, at));
    if (place === undefined || word === UNREADABLE || TABLES[place].some((table) => table.of(word) !== undefined))
      return [];
    return [{ place, word: PLAIN.test(word) && word !== ODD ? word : null }];
  });
}
