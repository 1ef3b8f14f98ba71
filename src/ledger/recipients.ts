import { sql, tableOf, type Queryable } from '../database/sql.js';
import type { PersonTrace } from '../domain/facts.js';
import { traceOf } from '../domain/people.js';
import type { Sealing } from '../sealing/sealing.js';
import { openDetails } from './contacts.js';

/** A fact of an order that was handed to one of its kits. */
export interface HandedFact {
  readonly kit: string;
  readonly order: string;
  readonly seq: number;
}

/** The traces of orders' recipients, as their kits' journeys compare them. */
export interface Recipients {
  /** Whether several index keys are configured: else all traces are made under the same one. */
  readonly mayDiffer: boolean;
  /**
   * Makes the recipients' traces in these facts anew under the key of each kit, where its order's is another one: both were
   * known before anything linked them, and a rotation lay between. Their patient would look like somebody else. In the
   * transaction that handed them over, so that no journey sees them as they were.
   */
  rehash(tx: Queryable, handed: readonly HandedFact[]): Promise<void>;
}

type Known = Parameters<typeof openDetails>[1] & { readonly kit: string; readonly seq: number; readonly key: string };

export function createRecipients(sealing: Sealing): Recipients {
  const [newest = '', ...former] = sealing.keyIds.index;

  return {
    mayDiffer: former.length > 0,
    async rehash(tx, handed) {
      if (handed.length === 0) return;
      // As in `underKeysOfSubjects`: what was there before keys were noted has the oldest.
      const oldest = former.at(-1) ?? newest;
      const rows = await tx.query<Known>(
        sql`select h.kit, h.seq, coalesce(k.index_key, ${oldest}) as key, c.subject, c.role, c.dedup, c.sealed
          from ${tableOf('h', handed, {
            kit: ['text', (one) => one.kit],
            order_subject: ['text', (one) => one.order],
            seq: ['bigint', (one) => one.seq],
          })}
          join subjects k on k.subject = h.kit join subjects o on o.subject = h.order_subject
          join contacts c on c.subject = h.order_subject and c.source_seq = h.seq and c.role = 'recipient'
          where coalesce(k.index_key, ${oldest}) <> coalesce(o.index_key, ${oldest})`,
      );
      const anew = rows.flatMap((row) => {
        const trace = traceUnder(row);
        return trace === null ? [] : [{ kit: row.kit, seq: row.seq, name: trace.name, address: trace.address }];
      });
      await tx.query(
        sql`update deliveries d set facts = jsonb_set(d.facts, '{person}', (d.facts -> 'person') || n.trace::jsonb)
          from ${tableOf('n', anew, {
            kit: ['text', (one) => one.kit],
            seq: ['bigint', (one) => one.seq],
            trace: ['text', ({ name, address }) => JSON.stringify({ name, address })],
          })}
          where d.subject = n.kit and d.seq = n.seq and d.facts -> 'person' ->> 'role' = 'recipient'`,
      );
    },
  };

  function traceUnder(row: Known): PersonTrace | null {
    const { person } = openDetails(sealing, row);
    const hash = sealing.hashUnder(row.key);
    return person === undefined || hash === null ? null : traceOf(person, 'recipient', hash);
  }
}
