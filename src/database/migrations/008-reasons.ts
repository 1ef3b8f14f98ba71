/** Why somebody looked behind a mask, and at what: in the audit, as codes and the number of a case, never as free text. */
export const reasons: readonly string[] = [
  `alter table audit add column reason text check (reason ~ '^[a-z_]{2,40}(:[a-z_]{2,40})?( [A-Z0-9#/-]{1,40})?$')`,
];
