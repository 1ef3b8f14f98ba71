import { KIND_NAMES } from '../src/domain/kinds.js';
import { attentionSentence } from '../src/domain/attention.js';
import type { Knowledge, Notification } from './core/knowledge.js';
import type { NextActions } from './core/next-actions.js';

/** The page that Temporal's UI shows of a journey (Markdown), for somebody who answers a patient's call. */
export function details(known: Knowledge, { projection }: NextActions): string {
  const attention = projection.needsAttention;
  const notifications = [...known.notifications].sort(
    (a, b) => KIND_NAMES.indexOf(a.kind) - KIND_NAMES.indexOf(b.kind) || a.occurrence - b.occurrence,
  );
  return [
    `**State:** ${projection.state}`,
    ...(attention === null ? [] : [`**Needs a person:** ${attentionSentence(attention.code, attention.kind)}`]),
    ...(projection.next === null ? [] : [`**Next:** ${projection.next.what}, ${time(projection.next.at)}`]),
    ...(notifications.length === 0 ? ['Nothing has been sent.'] : [table(notifications)]),
  ].join('\n\n');
}

const table = (notifications: readonly Notification[]): string =>
  ['| Email | What became of it | Since |', '| --- | --- | --- |', ...notifications.map(line)].join('\n');

function line(notification: Notification): string {
  const name =
    notification.occurrence === 1 ? notification.kind : `${notification.kind} (${String(notification.occurrence)})`;
  const reason = notification.reason === null ? '' : `: ${words(notification.reason)}`;
  return `| ${name} | ${words(notification.status)}${reason} | ${time(notification.at)} |`;
}

const words = (code: string): string => code.replaceAll('_', ' ');
const time = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
