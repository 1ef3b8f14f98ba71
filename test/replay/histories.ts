import { temporal } from '@temporalio/proto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where the committed histories are: one directory for each version of the workflows that was ever released. */
export const HISTORIES = fileURLToPath(new URL('histories', import.meta.url));
/** The two histories of the worked example. */
export const EXAMPLE = fileURLToPath(new URL('example/histories', import.meta.url));

const { History } = temporal.api.history.v1;
export type History = temporal.api.history.v1.IHistory;

export interface Committed {
  readonly version: string;
  readonly name: string;
  readonly history: History;
}

/** All that are committed in a folder, of every version. */
export const historiesIn = (folder: string): Committed[] =>
  readdirSync(folder).flatMap((version) =>
    readdirSync(join(folder, version)).map((file) => ({
      version,
      name: file.replace(/\.json$/, ''),
      history: read(readFileSync(join(folder, version, file), 'utf8')),
    })),
  );

const read = (text: string): History => History.fromObject(JSON.parse(text) as Record<string, unknown>);

/** Who recorded it, and where its files lay, is of no use to a replay. */
const WITHOUT_THE_MACHINE: Partial<Record<string, string>> = { identity: 'worker', stackTrace: '' };

/** Writes one as it is committed: protobuf as JSON, without a word of the machine that recorded it. */
export function writeHistory(folder: string, version: string, name: string, history: History): void {
  mkdirSync(join(folder, version), { recursive: true });
  const plain = History.toObject(History.fromObject(history), { longs: String, enums: String, bytes: String });
  const text = JSON.stringify(plain, (key, value: unknown) => WITHOUT_THE_MACHINE[key] ?? value, 1);
  writeFileSync(join(folder, version, `${name}.json`), `${text}\n`);
}

/** The same history with one word in it replaced. */
export const withWord = (history: History, word: string, other: string): History =>
  read(
    JSON.stringify(
      History.toObject(History.fromObject(history), { longs: String, enums: String, bytes: String }),
    ).replaceAll(word, other),
  );
