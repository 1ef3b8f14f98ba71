import type { Migration } from 'kysely';
import { inbox } from './001-inbox.js';
import { ledger } from './002-ledger.js';
import { quietHours } from './003-quiet-hours.js';

/** Every migration by its name, which is also its order. One that has been released is never changed. */
export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '001-inbox': inbox,
  '002-ledger': ledger,
  '003-quiet-hours': quietHours,
};
