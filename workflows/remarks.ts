import type { Fact } from '../src/domain/facts.js';
import type { Reason } from '../src/domain/vocabulary.js';
import { objectionTo } from './checks.js';
import type { Occasion } from './occasions.js';
import type { Ruling } from './rulings.js';
import type { Story } from './story.js';

/** A decision that changes no row. */
const remark = (occasion: Occasion, reason: Reason | null, cause: string, rule: string): Ruling => ({
  occasion,
  verdict: 'not_send',
  reason,
  cause,
  rule,
  effect: 'note',
});

/** What the fresh facts don't change, and why: a repeated fact is `already_told`, an idle command is answered. */
export function remarks(
  fresh: readonly Fact[],
  occasions: readonly Occasion[],
  rulings: readonly Ruling[],
  story: Story,
): Ruling[] {
  return fresh.flatMap((fact) => {
    if (/^operator\.(retry|skip|release)$/.test(fact.event)) return idleCommand(fact, occasions, rulings, story);
    if (occasions.some(({ happening }) => happening.seq === fact.seq && happening.event === fact.event)) return [];
    const told = occasions.filter(({ kind }) => kind === fact.event).at(-1);
    return told === undefined ? [] : [remark(told, 'already_told', fact.cause, `${told.kind}: repeated fact`)];
  });
}

/** A command that nothing answers to any more (or that was never about anything). */
function idleCommand(fact: Fact, occasions: readonly Occasion[], rulings: readonly Ruling[], story: Story): Ruling[] {
  if (rulings.some(({ cause }) => cause === fact.cause)) return [];
  const { kind, occurrence } = fact.command ?? {};
  const about = occasions.filter(
    (occasion) =>
      occasion.row !== undefined &&
      (kind === undefined || occasion.kind === kind) &&
      (occurrence === undefined || occasion.occurrence === occurrence),
  );
  const latest = [...about].sort((a, b) => (a.row?.at ?? 0) - (b.row?.at ?? 0)).at(-1);
  if (latest === undefined) return [];
  const reason = objectionTo(latest, story)?.reason ?? latest.row?.reason ?? 'already_told';
  return [remark(latest, reason, fact.cause, `${fact.event}: nothing to do`)];
}
