import { isOfResults } from '../../domain/kinds.js';
import type { SubjectAnswer, ToldNotification } from '../../ledger/ledger.js';
import { minute } from './times.js';
import { isReached, STATUS_WORDS, why } from './words.js';

/** The answer before the details, a sentence each: where it stands, whether they were told, what comes next. */
export function summaryOf(story: SubjectAnswer): string[] {
  const { state, closedAt, next, partnerMaintenance } = story;
  return [
    `State: ${state}${closedAt === null ? '' : `, closed ${minute(closedAt)}`}`,
    told(story),
    ...results(story),
    ...(next === null ? [] : [`Next: ${next.what}, ${minute(next.at)}`]),
    ...(partnerMaintenance === null
      ? []
      : [`C4HXP's maintenance, until ${minute(partnerMaintenance.until)}: it is not asked; emails go on.`]),
  ];
}

function told({ notifications }: SubjectAnswer): string {
  const reached = notifications.filter(({ status }) => isReached(status));
  const last = [...reached].sort((one, other) => settled(one).localeCompare(settled(other))).at(-1);
  if (last === undefined) {
    return notifications.length === 0 ? 'Nobody was told anything so far.' : 'Told: nothing so far; see below why.';
  }
  const emails = reached.length === 1 ? '1 email' : `${String(reached.length)} emails`;
  return `Told: ${emails}, the last ${last.kind} ${whenAndWhere(last)}.`;
}

/** Whether the patient knows of the results: what everybody asks for in the end. */
function results({ state, notifications }: SubjectAnswer): string[] {
  const words = notifications.filter(({ kind }) => isOfResults(kind));
  const first = words.find(({ status }) => isReached(status));
  if (first !== undefined) return [`Results: told ${whenAndWhere(first)}.`];
  const last = words.at(-1);
  if (last === undefined) return state.startsWith('results.') ? ['Results: NOT TOLD so far.'] : [];
  const because = why(last);
  return [`Results: NOT TOLD: ${last.kind} ${STATUS_WORDS[last.status]}${because === '' ? '' : `, ${because}`}.`];
}

const settled = ({ settledAt, decidedAt }: ToldNotification): string => settledAt ?? decidedAt;

const whenAndWhere = (one: ToldNotification): string =>
  `${minute(settled(one))}${one.to === null ? '' : ` to ${one.to}`}`;
