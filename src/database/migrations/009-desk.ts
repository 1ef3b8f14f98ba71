import { REFUSED, REPORTED_BACK } from '../came-back.js';

export const desk: readonly string[] = [
  // A certificate names subjects by the keyed hashes that it was printed with, whatever the newest index key is by now;
  // null in rows from before.
  `alter table erased_subjects add column hash bytea`,

  // What came back, or never went: the newest first.
  `create index inbox_reported_back on inbox (received_at, seq) where ${REPORTED_BACK}`,
  `create index notifications_refused on notifications (settled_at, id) where ${REFUSED}`,
];
