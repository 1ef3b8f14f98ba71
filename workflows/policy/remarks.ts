import type { FactEvent } from '../../src/domain/events.js';
import type { Fact } from '../../src/domain/facts.js';
import { KINDS } from '../../src/domain/kinds.js';
import type { Candidate } from '../core/candidates.js';
import { remark, type Decision } from '../core/decisions.js';
import type { Story } from '../core/story.js';
import { isOfOneRuledOut } from './addressee.js';
import { objectionTo } from './checks.js';
import { silence } from './silence.js';

/** Whoever asked for one of these is answered, also where there is nothing to do. */
const ANSWERED: readonly FactEvent[] = ['operator.retry', 'operator.skip', 'operator.release'];

/**
 * What the fresh facts don't change, and why: a repeated fact is `already_told`, an idle command is answered, and of
 * whom a human ruled out it is said that nothing follows from their block.
 */
export function remarks(
  fresh: readonly Fact[],
  candidates: readonly Candidate[],
  decisions: readonly Decision[],
  story: Story,
): Decision[] {
  return fresh.flatMap((fact) => [
    ...(isOfOneRuledOut(fact, story.known.facts) ? ruledOut(fact, candidates) : []),
    ...unchanged(fact, candidates, decisions, story),
  ]);
}

function ruledOut(fact: Fact, candidates: readonly Candidate[]): Decision[] {
  const latest = latestOf(candidates.filter(({ kind }) => KINDS[kind].to === 'patient'));
  if (latest === undefined) return [];
  return [remark(latest, 'contact_conflict', fact.cause, `${fact.event}: names whom an operator ruled out`)];
}

function unchanged(
  fact: Fact,
  candidates: readonly Candidate[],
  decisions: readonly Decision[],
  story: Story,
): Decision[] {
  if (ANSWERED.includes(fact.event)) return idleCommand(fact, candidates, decisions, story);
  if (candidates.some(({ event }) => event.seq === fact.seq && event.name === fact.event)) return [];
  const told = candidates.filter(({ kind }) => KINDS[kind].tellsOf === fact.event).at(-1);
  return told === undefined ? [] : [remark(told, 'already_told', fact.cause, `${told.kind}: repeated fact`)];
}

/** That a journey ends although nothing has come of it, in the story of its last email. */
export function farewell(candidates: readonly Candidate[], story: Story): Decision[] {
  const latest = latestOf(candidates);
  const present = silence(story);
  if (latest === undefined || present?.awaits !== 'sample' || present.endsAt === null) return [];
  const rule = 'silence: nothing was heard of the sample for 180d, so the journey ends; news will begin it again';
  return [remark(latest, null, 'timer:silence', rule)];
}

/** The one that was decided last, of those that stand somewhere. */
const latestOf = (candidates: readonly Candidate[]): Candidate | undefined =>
  candidates
    .filter(({ notification }) => notification !== undefined)
    .sort((a, b) => (a.notification?.at ?? 0) - (b.notification?.at ?? 0))
    .at(-1);

/** A command that nothing answers to any more (or that was never about anything). */
function idleCommand(
  fact: Fact,
  candidates: readonly Candidate[],
  decisions: readonly Decision[],
  story: Story,
): Decision[] {
  if (decisions.some(({ cause }) => cause === fact.cause)) return [];
  const { subject, kind, occurrence } = fact.command ?? {};
  const about = candidates.filter(
    (candidate) =>
      candidate.subject === subject &&
      (kind === undefined || candidate.kind === kind) &&
      (occurrence === undefined || candidate.occurrence === occurrence),
  );
  const latest = latestOf(about);
  if (latest === undefined) return [];
  const reason = objectionTo(latest, story)?.reason ?? latest.notification?.reason ?? 'already_told';
  return [remark(latest, reason, fact.cause, `${fact.event}: nothing to do`)];
}
