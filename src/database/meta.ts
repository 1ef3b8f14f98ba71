import { sql, type Queryable } from './sql.js';

/** Small things that a database remembers about itself, by name. */
export interface Meta {
  list(prefix: string): Promise<{ key: string; value: string }[]>;
  /** Keeps what is there already; tells what is remembered now. */
  remember(key: string, value: string): Promise<string>;
  forget(key: string): Promise<void>;
  /** Sets it. Returns whether something else was remembered until now, to one only of several who set the same. */
  replace(key: string, value: string): Promise<boolean>;
}

export function createMeta(database: Queryable): Meta {
  return {
    list: (prefix) =>
      database.query<{ key: string; value: string }>(
        sql`select key, value from meta where starts_with(key, ${prefix}) order by key`,
      ),
    async remember(key, value) {
      // The update changes nothing, but lets the statement return the row that was there.
      const [row] = await database.query<{ value: string }>(
        sql`insert into meta (key, value) values (${key}, ${value})
          on conflict (key) do update set value = meta.value returning value`,
      );
      return row?.value ?? value;
    },
    async forget(key) {
      await database.query(sql`delete from meta where key = ${key}`);
    },
    async replace(key, value) {
      await database.query(sql`insert into meta (key, value) values (${key}, ${value}) on conflict (key) do nothing`);
      const replaced = await database.query(
        sql`update meta set value = ${value} where key = ${key} and value <> ${value} returning key`,
      );
      return replaced.length > 0;
    },
  };
}
