import { MOST_COUNTED, type EncryptionKeyUse, type IndexKeyUse, type KeysInUse } from './keys-in-use.js';

const count = (rows: number): string => (rows >= MOST_COUNTED ? `${String(rows)} or more` : String(rows));

function saysOf({ id, configured, newest, rows, removable }: EncryptionKeyUse): string {
  const all = Object.entries(rows).map(([table, number]) => `${count(number)} ${table}`);
  const sealed = all.length === 0 ? 'nothing sealed' : all.join(', ');
  if (!configured) return `"${id}": ${sealed}, and it is lost: put it back`;
  if (newest) return `"${id}" (newest): ${sealed}`;
  return `"${id}": ${sealed}; ${removable ? 'may be removed' : 'needed until keys rotate has run'}`;
}

const saysOfIndex = ({ id, configured, newest, journeys }: IndexKeyUse): string =>
  `"${id}"${newest ? ' (newest)' : ''}: ${String(journeys)} journeys; ${configured ? (newest ? 'in use' : 'needed for webhooks and stop links of its time') : 'it is lost: put it back'}`;

/** One line a key, the newest first. */
export const keyLines = ({ encryption, index }: KeysInUse): readonly string[] => [
  ...encryption.map((key) => `ENCRYPTION_KEYS ${saysOf(key)}`),
  ...index.map((key) => `INDEX_KEYS ${saysOfIndex(key)}`),
];

/** All of it in one sentence. */
export const keysFinding = (keys: KeysInUse): string => keyLines(keys).join('; ');
