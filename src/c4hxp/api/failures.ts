import type { Failure } from '../../domain/facts.js';
import { tokensOf, lettersOf } from './spelling.js';
import { CONNECTING, FAILURE_WORDS } from './words.js';

/** No word of the table has more parts. */
const LONGEST = 6;

/** What says least: that the lab doesn't want it, and what is to be done. Any cause says more. */
const VAGUE: readonly Failure[] = ['recollect', 'redraw', 'rejected'];

/** The failure that a word is: one of the table, or several of them with nothing else but what connects them. */
export function failureOf(value: string): Failure | undefined {
  const exact = FAILURE_WORDS.of(value);
  if (exact !== undefined) return exact;
  const { found, rest } = failuresIn(value);
  return rest ? undefined : foremost(found);
}

/** The failure that a sentence names, whatever else is in it. Only to say why a kit failed, never that it has. */
export const failureIn = (sentence: string): Failure | undefined =>
  FAILURE_WORDS.of(sentence) ?? foremost(failuresIn(sentence).found);

/** Of several the one that says most. */
export const foremost = (found: readonly Failure[]): Failure | undefined =>
  found.find((one) => !VAGUE.includes(one)) ?? VAGUE.find((one) => found.includes(one));

/** `rest`: something else is said as well. */
function failuresIn(value: string): { readonly found: readonly Failure[]; readonly rest: boolean } {
  const tokens = tokensOf(value);
  const found: Failure[] = [];
  let rest = false;
  for (let at = 0; at < tokens.length;) {
    const { failure, length } = longestAt(tokens, at);
    const denied = at > 0 && ['not', 'no', 'non', 'never'].includes(tokens[at - 1] ?? '');
    if (failure !== undefined && !denied) found.push(failure);
    else if (!CONNECTING.has(tokens[at] ?? '')) rest = true;
    at += length;
  }
  return { found, rest };
}

function longestAt(tokens: readonly string[], at: number): { readonly failure?: Failure; readonly length: number } {
  for (let length = Math.min(LONGEST, tokens.length - at); length > 0; length -= 1) {
    const failure = FAILURE_WORDS.of(lettersOf(tokens.slice(at, at + length).join('')));
    if (failure !== undefined) return { failure, length };
  }
  return { length: 1 };
}
