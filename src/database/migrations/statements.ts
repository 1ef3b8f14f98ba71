import { sql, type Migration } from 'kysely';

/** A migration that is a list of statements, run one after the other. */
export const statements = (list: readonly string[]): Migration => ({
  async up(db) {
    for (const statement of list) await sql.raw(statement).execute(db);
  },
});
