/** A certificate names subjects by the hashes that it was printed with, whatever the newest index key is by now. */
export const certificates: readonly string[] = [
  // The keyed hash of the subject at the time of the request; null in rows from before.
  `alter table erased_subjects add column hash bytea`,
];
