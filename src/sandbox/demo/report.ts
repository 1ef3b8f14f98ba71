import Table from 'cli-table3';
import pc from 'picocolors';
import type { SubjectAnswer, ToldNotification } from '../../ledger/ledger.js';
import { KINDS, type Kind } from '../../domain/kinds.js';
import { FAILURE_WORDS, STATUS_WORDS, why } from '../../domain/words.js';
import { emailName } from './faults.js';
import type { DemoStory } from './kits.js';
import type { Played } from './play.js';

const COLUMNS = ['email', 'told', 'to', 'why not'];
/** Nothing around it: so it fits in 80 columns. */
const NO_FRAME = Object.fromEntries(
  [
    'top',
    'top-left',
    'top-right',
    'bottom',
    'bottom-left',
    'bottom-right',
    'left',
    'left-mid',
    'right',
    'right-mid',
  ].map((part) => [part, '']),
);

/** What the patients and buyers of a story were told, what not, and why not; in colour where `colour` is set. */
export function storyReport(story: DemoStory, played: Played, colour: boolean): string {
  const { bold, green, red } = pc.createColors(colour);
  const { faults } = played;
  const [kit, ...others] = story.kits;
  const about = others.length === 0 ? `kit ${kit?.barcode ?? ''}` : `order ${story.order}`;
  const title = `${bold(story.title)} (${about})`;
  const verdict = faults.length === 0 ? green('as it should be') : red(`NOT as it should be: ${faults.join('; ')}`);
  return [title, tableOf(story, played, colour), `${summaryOf(story, played)}: ${verdict}`].join('\n');
}

/** One kit: its emails and its order's in one list. Several: the order's, and each kit's, below a line that names them. */
function tableOf({ kits }: DemoStory, { answers }: Played, colour: boolean): string {
  const { bold, green, dim } = pc.createColors(colour);
  const table = new Table({
    head: COLUMNS.map((word) => bold(word)),
    style: { head: [], border: [], compact: true },
    chars: NO_FRAME,
  });
  const rows = (notifications: readonly ToldNotification[]): void => {
    for (const notification of inOrder(notifications)) {
      const { status, to } = notification;
      const told = status === 'sent' ? green(STATUS_WORDS[status]) : dim(STATUS_WORDS[status]);
      table.push([emailName(notification), told, to ?? '', why(notification)]);
    }
  };
  if (kits.length === 1) rows(answers[0]?.notifications ?? []);
  else {
    const heading = (words: string): void => {
      table.push([{ colSpan: COLUMNS.length, content: bold(words) }]);
    };
    heading('The order');
    rows((answers[0]?.notifications ?? []).filter(({ kind }) => isOfOrder(kind)));
    for (const [place, { barcode }] of kits.entries()) {
      const answer = answers[place] ?? null;
      heading(`Kit ${barcode}: ${endOf(answer)}`);
      rows((answer?.notifications ?? []).filter(({ kind }) => !isOfOrder(kind)));
    }
  }
  const lines = table.toString().split('\n');
  // Where the frame was, and what filled the last column up.
  return lines.flatMap((line) => (/[^\s┬┴]/.test(line) ? [line.trimEnd()] : [])).join('\n');
}

const isOfOrder = (kind: Kind): boolean => KINDS[kind].about === 'order';

function summaryOf({ kits }: DemoStory, { answers }: Played): string {
  const webhooks = new Map(answers.flatMap((answer) => answer?.webhooks ?? []).map((webhook) => [webhook.id, webhook]));
  const repeats = [...webhooks.values()].reduce((sum, { duplicates }) => sum + duplicates, 0);
  return [
    ...(kits.length === 1 ? [`state ${endOf(answers[0] ?? null)}`] : []),
    `${String(webhooks.size)} webhooks`,
    ...(repeats === 0 ? [] : [`${String(repeats)} repeats noticed`]),
  ].join(', ');
}

const endOf = (answer: SubjectAnswer | null): string =>
  answer === null ? 'unknown' : `${answer.state}${answer.because === null ? '' : `, ${FAILURE_WORDS[answer.because]}`}`;

/** As they were decided; what was sent before what was not, where both were at the same moment. */
const inOrder = (notifications: readonly ToldNotification[]): ToldNotification[] =>
  [...notifications].sort((one, other) => Date.parse(one.decidedAt) - Date.parse(other.decidedAt));
