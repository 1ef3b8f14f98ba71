import { DateTime } from 'luxon';
import { z } from 'zod';
import { Problem } from '../admin/problems.js';

/** A field of a form that was left empty asks for nothing. */
export const left = (text: unknown): unknown => (typeof text === 'string' && text.trim() === '' ? undefined : text);

/** A day, as a browser's form sends it. */
export const day = z.preprocess(left, z.iso.date('must be a day such as 2026-03-01').optional());

/** When a day begins where the desk is. @throws Problem 400 where there is no such day */
export function beginOf(date: string, zone: string): DateTime {
  const begin = DateTime.fromISO(date, { zone });
  if (!begin.isValid || begin.year < 2000 || begin.year > 2099)
    throw new Problem(400, 'invalid_request', 'A day of this century is needed, such as 2026-03-01.');
  return begin;
}
