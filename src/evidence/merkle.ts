import { createHash } from 'node:crypto';

/** The end of a subject's chain at the moment of a root. */
export interface Leaf {
  readonly subject: string;
  readonly n: number;
  /** hex */
  readonly hash: string;
}

/** The other half at each level, from the leaf up to the root. */
export interface ProofStep {
  readonly side: 'left' | 'right';
  /** hex */
  readonly hash: string;
}

/** Leaves and nodes are hashed behind another first byte, so that none can be given out for the other (RFC 6962). */
const leafHash = ({ subject, n, hash }: Leaf): Buffer =>
  createHash('sha256')
    .update(Buffer.concat([Buffer.from([0]), Buffer.from(`${subject}\0${String(n)}\0`), Buffer.from(hash, 'hex')]))
    .digest();
const nodeHash = (left: Buffer, right: Buffer): Buffer =>
  createHash('sha256')
    .update(Buffer.concat([Buffer.from([1]), left, right]))
    .digest();

/** One without a neighbour goes up as it is. */
function parentsOf(level: readonly Buffer[]): Buffer[] {
  const parents: Buffer[] = [];
  for (let at = 0; at < level.length; at += 2) {
    const [left, right] = [level[at], level[at + 1]];
    if (left !== undefined) parents.push(right === undefined ? left : nodeHash(left, right));
  }
  return parents;
}

/** The root over these leaves in their order; hex. @throws RangeError without leaves. */
export function merkleRoot(leaves: readonly Leaf[]): string {
  let level = leaves.map(leafHash);
  while (level.length > 1) level = parentsOf(level);
  const [root] = level;
  if (root === undefined) throw new RangeError('a root over nothing');
  return root.toString('hex');
}

/** What shows that the leaf at `place` is under the root. */
export function merkleProof(leaves: readonly Leaf[], place: number): ProofStep[] {
  const steps: ProofStep[] = [];
  let at = place;
  for (let level = leaves.map(leafHash); level.length > 1; level = parentsOf(level), at >>= 1) {
    const other = level[at ^ 1];
    if (other !== undefined) steps.push({ side: at % 2 === 0 ? 'right' : 'left', hash: other.toString('hex') });
  }
  return steps;
}

/** The root that a leaf and its proof lead to; hex. */
export const rootOf = (leaf: Leaf, proof: readonly ProofStep[]): string =>
  proof
    .reduce<Buffer>((below, { side, hash }) => {
      const other = Buffer.from(hash, 'hex');
      return side === 'left' ? nodeHash(other, below) : nodeHash(below, other);
    }, leafHash(leaf))
    .toString('hex');
