import { attentionSentence } from '../src/domain/attention.js';
import { KINDS } from '../src/domain/vocabulary.js';
import type { Knowledge, Row } from './knowledge.js';
import type { Outlook } from './outlook.js';

/** The page that Temporal's UI shows of a journey (Markdown), for somebody who answers a patient's call. */
export function details(known: Knowledge, { view }: Outlook): string {
  const attention = view.needsAttention;
  const rows = [...known.rows].sort(
    (a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || a.occurrence - b.occurrence,
  );
  return [
    `**State:** ${view.state}`,
    ...(attention === null ? [] : [`**Needs a person:** ${attentionSentence(attention.code, attention.kind)}`]),
    ...(view.next === null ? [] : [`**Next:** ${view.next.what}, ${time(view.next.at)}`]),
    ...(rows.length === 0 ? ['Nothing has been sent.'] : [table(rows)]),
  ].join('\n\n');
}

const table = (rows: readonly Row[]): string =>
  ['| Email | What became of it | Since |', '| --- | --- | --- |', ...rows.map(line)].join('\n');

function line(row: Row): string {
  const name = row.occurrence === 1 ? row.kind : `${row.kind} (${String(row.occurrence)})`;
  const reason = row.reason === null ? '' : `: ${words(row.reason)}`;
  return `| ${name} | ${words(row.status)}${reason} | ${time(row.at)} |`;
}

const words = (code: string): string => code.replaceAll('_', ' ');
const time = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
