import { HOUR } from '../../src/domain/durations.js';
import { nameOf } from '../../src/domain/subjects.js';

/** Over so long the questions of many kits are spread that would all be asked at one moment (ms): at the most, … */
export const SPREAD = 4 * HOUR;
/** … and no more than so much of the wait before them: what is overdue when it is heard of is asked about at once. */
const SHARE_OF_THE_WAIT = 1 / 10;

/**
 * How much later than its clock says a journey asks what is not pressing (ms), after it has waited for `waited` (ms):
 * always the same for one kit, and even over many, so that what was registered in one hour isn't asked about in one.
 */
export const spreadOf = (subject: string, waited: number): number =>
  Math.floor((fnv1a(nameOf(subject)) / 2 ** 32) * Math.min(SPREAD, Math.max(0, waited) * SHARE_OF_THE_WAIT));

/** Fowler, Noll and Vo's hash of 32 bits, its bits mixed once more: barcodes differ in their last digits only. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash ^= text.charCodeAt(index);
    hash = Math.imul(hash, 0x01000193);
  }
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  hash ^= hash >>> 12;
  return hash >>> 0;
}
