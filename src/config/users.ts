import { type Role, ROLES, USER_NAME } from '../domain/roles.js';

/** A secret as USERS keeps it: `scrypt.<log2 N>.<r>.<p>.<salt>.<hash>`, without a character that shells or compose files read. */
export interface HashedSecret {
  readonly logN: number;
  readonly r: number;
  readonly p: number;
  readonly salt: Buffer;
  readonly hash: Buffer;
}

/** One entry of USERS. */
export interface User {
  readonly name: string;
  readonly role: Role;
  /** Null: signs in by the authenticating proxy only. */
  readonly secret: HashedSecret | null;
  /** The entry as it stands in USERS: another one is another credential, and ends the sessions of the former. */
  readonly line: string;
}

/**
 * Reads one entry, `name:role:hash` or, for who comes by the proxy, `name:role`.
 * @returns the user, or what is wrong with it, which never quotes the hash.
 */
export function readUser(line: string): User | string {
  const [name = '', role = '', hash, ...rest] = line.split(':');
  if (!USER_NAME.test(name)) return 'has a name that is not 1–64 letters, digits and . _ @ -';
  if (name === 'admin-token' || name === 'support-token' || name === 'nobody')
    return `can't name anybody ${name}: the audit calls others so`;
  const known = ROLES.find((one) => one === role);
  if (known === undefined) return `gives ${name} no role: write one of ${ROLES.join(', ')}`;
  const secret = hash === undefined ? null : readHash(hash);
  if (rest.length > 0 || (hash !== undefined && secret === null))
    return `has no secret of ${name} that can be read: make the line with kit-herald users hash ${name} ${role}`;
  return { name, role: known, secret, line };
}

/** Beyond it one guess would take the memory or the minutes of the whole process. */
const MOST = { logN: 18, r: 16, p: 4 } as const;

/** Null where the text is no hash of ours, or one that would take too much to check. */
function readHash(text: string): HashedSecret | null {
  const [, logN, r, p, salt = '', hash = ''] =
    /^scrypt\.(\d{1,2})\.(\d{1,2})\.(\d)\.([\w-]{16,64})\.([\w-]{43})$/.exec(text) ?? [];
  const read = { logN: Number(logN), r: Number(r), p: Number(p) };
  const sane = read.logN >= 4 && read.logN <= MOST.logN && read.r >= 1 && read.r <= MOST.r;
  if (!sane || read.p < 1 || read.p > MOST.p) return null;
  return { ...read, salt: Buffer.from(salt, 'base64url'), hash: Buffer.from(hash, 'base64url') };
}

/**
 * Reads USERS.
 * @returns the users, or the first fault of it, to be read after the setting's name.
 */
export function readUsers(lines: readonly string[]): readonly User[] | string {
  const read = lines.map(readUser);
  const fault = read.find((one) => typeof one === 'string');
  if (fault !== undefined) return fault;
  const users = read.filter((one) => typeof one !== 'string');
  const twice = users.find(({ name }, nth) => users.findIndex((other) => other.name === name) !== nth);
  return twice === undefined ? users : `names ${twice.name} twice`;
}
