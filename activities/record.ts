import type { LocalActivities } from '../src/domain/activities.js';
import type { PolicySettings, Prior } from '../src/domain/facts.js';
import type { Ledger } from '../src/ledger/ledger.js';
import { inCodes, type Log } from './attempt.js';
import { outcomeOf } from './send-under-claim.js';

export interface RecordPorts {
  readonly ledger: Ledger;
  /** All delivered facts and all rows of a subject. */
  readonly priorOf: (subject: string) => Promise<Prior>;
  readonly policy: () => PolicySettings;
  /** ms since the epoch */
  readonly clock: () => number;
  readonly log: Log;
}

/** What a journey asks of the database between two steps: short, idempotent, never a network. */
export function createLocalActivities({ ledger, priorOf, policy, clock, log }: RecordPorts): LocalActivities {
  const coded = <T>(subject: string, work: () => Promise<T>): Promise<T> => inCodes({ subject }, log, work);

  return {
    record: (input) => coded(input.subject, () => ledger.record(input, clock())),
    settle: (input) => coded(input.subject, async () => outcomeOf(await ledger.settleAbandoned(input))),
    recall: (subject) => coded(subject, () => priorOf(subject)),
    readSettings: () => Promise.resolve(policy()),
  };
}
