import type { SubjectProjection } from '../domain/activities.js';

/**
 * SQL that writes what `told` answers about a subject, as one part of a statement: eight parameters from `$first` on,
 * once for each row of `from`. Activities overtake one another, so a view is dropped when a newer one (by workflow time)
 * stands there.
 */
export function viewUpsert(first: number, from = ''): string {
  const $ = (offset: number, type: string) => `$${String(first + offset)}::${type}`;
  return `insert into subjects as s
      (subject, state, needs_attention, attention_kind, next_what, next_at, closed_at, view_at)
    select ${$(0, 'text')}, ${$(1, 'text')}, ${$(2, 'text')}, ${$(3, 'text')}, ${$(4, 'text')},
      ${$(5, 'timestamptz')}, ${$(6, 'timestamptz')}, ${$(7, 'timestamptz')} ${from}
    on conflict (subject) do update set
      state = excluded.state, needs_attention = excluded.needs_attention, attention_kind = excluded.attention_kind,
      next_what = excluded.next_what, next_at = excluded.next_at, view_at = excluded.view_at,
      closed_at = case when excluded.closed_at is not null then coalesce(s.closed_at, excluded.closed_at) end
    where s.view_at is null or s.view_at <= excluded.view_at`;
}

/** `at`: the view's time where it doesn't say so itself (ms). */
export function viewParameters(subject: string | null, view: SubjectProjection | null, at: number): readonly unknown[] {
  const seen = new Date(view?.at ?? at);
  return [
    subject,
    view?.state ?? null,
    view?.needsAttention?.code ?? null,
    view?.needsAttention?.kind ?? null,
    view?.next?.what ?? null,
    view?.next ? new Date(view.next.at) : null,
    view?.closed === true ? seen : null,
    seen,
  ];
}
