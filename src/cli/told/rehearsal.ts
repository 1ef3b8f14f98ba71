import type { RehearsedChange } from '../../admin/ports.js';
import { rowOf, wrap } from './layout.js';
import { minute } from './times.js';

export interface Rehearsal {
  /** ISO 8601 */
  readonly since: string;
  readonly set: Readonly<Record<string, string>>;
  readonly journeys: number;
  readonly changes: readonly RehearsedChange[];
}

const WIDTH = 80;
const COLUMNS = [{ width: 20 }, { width: 20 }, { width: 16 }, { width: 16 }];

/** What would have been otherwise, a line for each email, at most 80 columns wide; times are UTC. */
export function renderRehearsal({ since, set, journeys, changes }: Rehearsal): string {
  const settings = Object.entries(set).map(([name, value]) => `${name}=${value}`);
  const said = `${count(journeys, 'journey')} since ${minute(since)} UTC, replayed under ${settings.join(' ')}. Nothing was sent.`;
  const rows = [...changes].sort((a, b) => (a.now ?? a.then ?? '').localeCompare(b.now ?? b.then ?? ''));
  return [
    ...wrap(said, WIDTH),
    '',
    ...(rows.length === 0
      ? ['Every email would have gone as it does now.']
      : [
          ...rowOf(COLUMNS, ['about', 'email', 'as it is', 'as it would be'], 0),
          ...rows.flatMap(line),
          '',
          ...wrap(summary(rows), WIDTH),
        ]),
  ].join('\n');
}

function line({ subject, kind, occurrence, now, then, why }: RehearsedChange): string[] {
  const name = subject.slice(subject.indexOf(':') + 1);
  const email = occurrence === 1 ? kind : `${kind} ${String(occurrence)}`;
  const unsent = why === null ? 'not sent' : `not sent: ${why}`;
  return rowOf(
    COLUMNS,
    [name, email, now === null ? 'not sent' : minute(now), then === null ? unsent : minute(then)],
    0,
  );
}

function summary(changes: readonly RehearsedChange[]): string {
  const more = changes.filter(({ now }) => now === null).length;
  const fewer = changes.filter(({ then }) => then === null).length;
  const moved = changes.length - more - fewer;
  return `${count(more, 'email')} more, ${count(fewer, 'email')} fewer, ${count(moved, 'email')} at another time.`;
}

const count = (number: number, what: string): string => `${String(number)} ${what}${number === 1 ? '' : 's'}`;
