import Table from 'cli-table3';
import pc from 'picocolors';
import type { ToldNotification } from '../../ledger/ledger.js';
import { STATUS_WORDS, why } from '../../domain/words.js';
import type { DemoKit } from './kits.js';
import type { Played } from './play.js';

/** What a kit's patient and buyer were told, what not, and why not; in colour where `colour` is set. */
export function kitReport(kit: DemoKit, { story, faults }: Played, colour: boolean): string {
  const { bold, green, red, dim } = pc.createColors(colour);
  const table = new Table({
    head: ['email', 'told', 'to', 'why not'].map((word) => bold(word)),
    style: { head: [], border: [], compact: true },
  });
  for (const notification of inOrder(story?.notifications ?? [])) {
    const { kind, status, to } = notification;
    const told = status === 'sent' ? green(STATUS_WORDS[status]) : dim(STATUS_WORDS[status]);
    table.push([kind, told, to ?? '', why(notification)]);
  }
  const repeats = story?.webhooks.reduce((sum, { duplicates }) => sum + duplicates, 0) ?? 0;
  const summary = [
    `state ${story?.state ?? 'unknown'}`,
    `${String(story?.webhooks.length ?? 0)} webhooks`,
    ...(repeats === 0 ? [] : [`${String(repeats)} repeats noticed`]),
  ];
  const verdict = faults.length === 0 ? green('as it should be') : red(`NOT as it should be: ${faults.join('; ')}`);
  return [`${bold(kit.title)} (kit ${kit.barcode})`, table.toString(), `${summary.join(', ')}: ${verdict}`].join('\n');
}

/** As they were decided; what was sent before what was not, where both were at the same moment. */
const inOrder = (notifications: readonly ToldNotification[]): ToldNotification[] =>
  [...notifications].sort((one, other) => Date.parse(one.decidedAt) - Date.parse(other.decidedAt));
