export interface SeenAddress {
  /** The order of arrival. */
  readonly seq: number;
  /** The fact's own time (ms). */
  readonly at: number;
  readonly byOperator: boolean;
  /** In any form in which equal addresses are equal. */
  readonly address: string | null;
}

/**
 * The addresses that count, the one that counts most first: the newest by the fact's own time, where arrival decides only
 * between equals; but an operator's beats every one that was seen before it, also when the partner goes on telling that
 * one. The journey and the ledger must choose alike.
 */
export function addressesThatCount<T extends SeenAddress>(seen: readonly T[]): T[] {
  const operator = seen.filter(({ byOperator }) => byOperator).sort((one, other) => other.seq - one.seq)[0];
  const before = operator === undefined ? [] : seen.filter(({ seq }) => seq < operator.seq);
  const beaten = new Set(before.map(({ address }) => address));
  return seen
    .filter((one) => one === operator || !beaten.has(one.address))
    .sort((one, other) => other.at - one.at || other.seq - one.seq);
}
