import type { Arrival } from '../../domain/arrivals.js';
import type { MaintenanceData } from './schemas.js';
import { expectedTime } from '../times.js';

/** C4HXP documents these events by name only: the fields in which such a window is usually told. */
const STARTS = [
  'scheduled_start',
  'start_time',
  'starts_at',
  'started_at',
  'start_at',
  'start',
  'scheduled_for',
  'from',
];
const ENDS = ['scheduled_end', 'end_time', 'ends_at', 'ended_at', 'end_at', 'end', 'estimated_end', 'until'];
const WRAPPERS = ['maintenance', 'maintenance_window', 'window'];

type Fields = Readonly<Record<string, unknown>>;

/** The window that a maintenance event announces or, when `over`, ends; null for what it doesn't say. */
export function readMaintenance(
  data: MaintenanceData,
  over: boolean,
  receivedAt: number,
  zone: string,
): NonNullable<Arrival['maintenance']> {
  const fields: Fields = data ?? {};
  const places = [fields, ...WRAPPERS.map((name) => fields[name]).filter(isFields)];
  const first = (names: readonly string[]): number | null => {
    for (const place of places)
      for (const name of names) {
        const at = expectedTime(place[name], receivedAt, zone);
        if (at !== null) return at;
      }
    return null;
  };
  return { from: first(STARTS), until: first(ENDS), over };
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
