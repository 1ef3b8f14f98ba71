import type { DecisionRow } from '../domain/notifications.js';

/**
 * SQL that adds to the story, as one part of a statement: eight array parameters from `$first` on. What stands there
 * already isn't added again.
 */
export function decisionsInsert(first: number, where = ''): string {
  const types = ['text', 'text', 'int', 'text', 'text', 'text', 'text', 'timestamptz'];
  const arrays = types.map((type, offset) => `$${String(first + offset)}::${type}[]`).join(', ');
  return `insert into decisions (subject, kind, occurrence, verdict, reason, cause, rule, at)
    select d.* from unnest(${arrays}) as d ${where}
    on conflict do nothing`;
}

export const decisionParameters = (decisions: readonly DecisionRow[]): readonly unknown[] => [
  decisions.map((d) => d.subject),
  decisions.map((d) => d.kind),
  decisions.map((d) => d.occurrence),
  decisions.map((d) => d.verdict),
  decisions.map((d) => d.reason),
  decisions.map((d) => d.cause),
  decisions.map((d) => d.rule),
  decisions.map((d) => new Date(d.at)),
];
