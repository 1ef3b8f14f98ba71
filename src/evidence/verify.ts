import { wordsProof } from '../ledger/notifications.js';
import {
  BUNDLE_FORMAT,
  type Bundle,
  type DecisionEvidence,
  type NotificationEvidence,
  type SubjectEvidence,
} from './bundle.js';
import { readChain, type ChainLink, type DecisionEntry, type Entry, type SettlementEntry } from './chain.js';
import { rootOf } from './merkle.js';
import type { RootStatement } from './roots.js';
import { isSignedBy, keyIdOf } from './signing.js';

/** What a check of a bundle found: all fits, or the first thing that doesn't, in one sentence. */
export type Verification =
  | {
      readonly fits: true;
      readonly entries: number;
      /** How many of them no signed root is over yet. */
      readonly unsealed: number;
      /** Emails that were being sent when the file was made: what became of them isn't in it. */
      readonly underWay: number;
      /** Of whose signature it all hangs on; empty where there is none. */
      readonly keys: readonly string[];
      /** ISO 8601 in UTC: of the oldest root that it hangs on; null where there is none. */
      readonly sealedAt: string | null;
    }
  | { readonly fits: false; readonly fault: string };

class Misfit extends Error {}

function must(fits: boolean, fault: string): asserts fits {
  if (!fits) throw new Misfit(fault);
}

/**
 * Checks a bundle by itself: each chain is whole; every decision and every settlement in it is in the chain as it stands
 * there, and none is left out; the mail server's words are those that were hashed; the chain is under the root that was
 * signed. Nothing but the file is needed.
 * @param trusted the public keys (base64) of whom is believed; null: whoever signed it, to be compared by the reader.
 */
export function verifyBundle(text: string, trusted: readonly string[] | null = null): Verification {
  try {
    const bundle = parse(text);
    const checked = bundle.subjects.map((subject) => verifySubject(subject, trusted));
    const times = checked.flatMap(({ sealedAt }) => sealedAt ?? []).toSorted();
    return {
      fits: true,
      entries: checked.reduce((sum, { entries }) => sum + entries, 0),
      unsealed: checked.reduce((sum, { unsealed }) => sum + unsealed, 0),
      underWay: checked.reduce((sum, { underWay }) => sum + underWay, 0),
      keys: [...new Set(checked.flatMap(({ key }) => key ?? []))],
      sealedAt: times[0] ?? null,
    };
  } catch (error) {
    if (error instanceof Misfit) return { fits: false, fault: error.message };
    // A part is missing or of another kind.
    if (error instanceof TypeError) return { fits: false, fault: 'The file is incomplete: a part of it is missing.' };
    throw error;
  }
}

function parse(text: string): Bundle {
  let bundle: Partial<Bundle> | null = null;
  try {
    bundle = JSON.parse(text) as Partial<Bundle> | null;
  } catch {
    // Said below.
  }
  must(bundle?.format === BUNDLE_FORMAT, `This is no file of evidence (${BUNDLE_FORMAT}).`);
  const { subjects, asked } = bundle as Bundle;
  const [first] = subjects;
  must(first !== undefined, 'The file is about nobody.');
  must(first.subject === asked, `What was asked for, ${asked}, is not in it.`);
  return bundle as Bundle;
}

interface Checked {
  readonly entries: number;
  readonly unsealed: number;
  readonly underWay: number;
  readonly key: string | null;
  readonly sealedAt: string | null;
}

function verifySubject(evidence: SubjectEvidence, trusted: readonly string[] | null): Checked {
  const { subject, chain } = evidence;
  const read = readChain(subject, chain);
  must(!('fault' in read), 'fault' in read ? read.fault : '');
  verifyDecisions(evidence, read.entries);
  verifySettlements(evidence, read.entries);
  const { n, key, at } = verifySeal(evidence, chain, trusted);
  const underWay = evidence.notifications.filter(isUnderWay).length;
  return { entries: chain.length, unsealed: chain.length - n, underWay, key, sealedAt: at };
}

function verifyDecisions({ subject, decisions }: SubjectEvidence, entries: readonly Entry[]): void {
  const chained = new Map(entries.flatMap((entry) => (entry.what === 'decision' ? [[entry.id, entry] as const] : [])));
  for (const decision of decisions) {
    const entry = chained.get(decision.id);
    const name = `Decision ${String(decision.id)} of ${subject}`;
    must(entry !== undefined, `${name} is not in the chain: it was added later.`);
    const other = DECISION_FIELDS.find((field) => decision[field] !== entry[field]);
    must(other === undefined, `${name} says otherwise than the chain: its ${String(other)} was changed.`);
    chained.delete(decision.id);
  }
  const [missing] = chained.keys();
  must(missing === undefined, `Decision ${String(missing)} of ${subject} is in the chain and not in the file.`);
}

const DECISION_FIELDS = [
  'kind',
  'occurrence',
  'verdict',
  'reason',
  'cause',
  'rule',
  'at',
] as const satisfies readonly (keyof DecisionEvidence & keyof DecisionEntry)[];

const isUnderWay = ({ status }: NotificationEvidence): boolean => status === 'sending';

/** The last settlement of each row is how it stands, unless it is being sent. */
function verifySettlements({ subject, notifications }: SubjectEvidence, entries: readonly Entry[]): void {
  const last = new Map(entries.flatMap((entry) => (entry.what === 'settlement' ? [[entry.id, entry] as const] : [])));
  for (const row of notifications) {
    const entry = last.get(row.id);
    last.delete(row.id);
    if (isUnderWay(row)) continue;
    const name = `${row.kind} ${String(row.occurrence)} of ${subject}`;
    must(entry !== undefined, `${name} is not in the chain: it was added later.`);
    const other = SETTLEMENT_FIELDS.find((field) => row[field] !== entry[field]);
    must(other === undefined, `${name} says otherwise than the chain: its ${String(other)} was changed.`);
    must(
      JSON.stringify(row.reports) === JSON.stringify(entry.reports),
      `${name}: the mail provider's reports were changed.`,
    );
    verifyWords(name, row, entry);
  }
  const [missing] = last.values();
  must(
    missing === undefined,
    `${missing?.kind ?? ''} ${String(missing?.occurrence)} of ${subject} is in the chain and not in the file.`,
  );
}

const SETTLEMENT_FIELDS = [
  'kind',
  'occurrence',
  'status',
  'reason',
  'messageId',
  'possiblyDuplicate',
  'decidedAt',
  'settledAt',
] as const satisfies readonly (keyof NotificationEvidence & keyof SettlementEntry)[];

function verifyWords(name: string, { words }: NotificationEvidence, entry: SettlementEntry): void {
  // Erased: the hash stands for them.
  if (words === null || words.reply === null) return;
  must(
    wordsProof(words.salt, 'reply', words.reply).toString('hex') === entry.reply,
    `${name}: the mail server's answer is not the one that was kept.`,
  );
}

function verifySeal(
  { subject, seal }: SubjectEvidence,
  chain: readonly ChainLink[],
  trusted: readonly string[] | null,
): { readonly n: number; readonly key: string | null; readonly at: string | null } {
  if (seal === null) {
    must(trusted === null || chain.length === 0, `No signed root is over ${subject} yet.`);
    return { n: 0, key: null, at: null };
  }
  const end = chain[seal.n - 1];
  must(end !== undefined, `The chain of ${subject} ends before entry ${String(seal.n)}, which a root was signed over.`);
  const publicKey = Buffer.from(seal.publicKey, 'base64');
  const statement = statementOf(seal.statement);
  must(
    statement !== null && isSignedBy(publicKey, seal.statement, Buffer.from(seal.signature, 'base64')),
    `The root over ${subject} is not signed by the key it names.`,
  );
  must(
    trusted?.includes(seal.publicKey) ?? true,
    `The root over ${subject} is signed by the key ${keyIdOf(publicKey)}, which is not among those that are believed.`,
  );
  must(
    rootOf({ subject, n: seal.n, hash: end.hash }, seal.proof) === statement.root,
    `Entry ${String(seal.n)} of ${subject} is not the one that the root was signed over.`,
  );
  return { n: seal.n, key: keyIdOf(publicKey), at: statement.at };
}

function statementOf(text: string): RootStatement | null {
  try {
    const statement = JSON.parse(text) as Partial<RootStatement> | null;
    return statement?.what === 'kit-herald root' ? (statement as RootStatement) : null;
  } catch {
    return null;
  }
}
