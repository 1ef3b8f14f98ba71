import type { Queryable } from './sessions.js';

/** Small things that a database remembers about itself, by name. */
export interface Meta {
  get(key: string): Promise<string | null>;
  list(prefix: string): Promise<{ key: string; value: string }[]>;
  /** Keeps what is there already; tells what is remembered now. */
  remember(key: string, value: string): Promise<string>;
  set(key: string, value: string): Promise<void>;
}

export function createMeta(database: Queryable): Meta {
  return {
    async get(key) {
      const [row] = await database.query<{ value: string }>('select value from meta where key = $1', [key]);
      return row?.value ?? null;
    },
    list: (prefix) =>
      database.query<{ key: string; value: string }>(
        'select key, value from meta where starts_with(key, $1) order by key',
        [prefix],
      ),
    async remember(key, value) {
      // The update changes nothing, but lets the statement return the row that was there.
      const [row] = await database.query<{ value: string }>(
        'insert into meta(key, value) values ($1, $2) on conflict (key) do update set value = meta.value returning value',
        [key, value],
      );
      return row?.value ?? value;
    },
    async set(key, value) {
      await database.query(
        'insert into meta(key, value) values ($1, $2) on conflict (key) do update set value = excluded.value',
        [key, value],
      );
    },
  };
}
