/**
 * What must be known of the SMTP session that a message is about to go over, and nodemailer keeps to itself. Read from
 * the private fields of its pool (10.6.1, pinned): where they aren't as expected, a session knows of no extension, so
 * that an address that needs one is refused and not garbled. session.test.ts looks at all this on the wire.
 */
export interface Session {
  /** The server's latest reply, whole; empty before the first. */
  readonly lastReply: () => string;
  /** Whether the EHLO in force (under STARTTLS the one after it) offers an extension. */
  readonly offers: (extension: string) => boolean;
}

interface Connection {
  readonly lastServerResponse?: string | false;
  /** The lines of the EHLO in force, without codes and without the first. */
  readonly _ehloLines?: readonly string[];
  /** Replies that are whole and wait to be acted upon, lines joined by line feeds. */
  readonly _responseQueue?: string[];
  _processResponse?: () => unknown;
}
interface Pool {
  readonly _connections?: readonly {
    readonly connection?: Connection;
    readonly queueEntry?: { readonly mail: unknown } | false;
  }[];
}

/** The session of the pool that has this message; null before it has one. */
export function sessionOf(transporter: object, mail: unknown): Session | null {
  const resources = (transporter as Pool)._connections ?? [];
  const connection = resources.find(({ queueEntry }) => queueEntry && queueEntry.mail === mail)?.connection;
  if (connection === undefined) return null;
  readRepliesWhole(connection);
  return {
    lastReply: () => connection.lastServerResponse || '',
    offers: (extension) =>
      (connection._ehloLines ?? []).some((line) => line.split(/\s/, 1)[0]?.toUpperCase() === extension),
  };
}

const read = new WeakSet<Connection>();

/** nodemailer goes by a reply's first digit: `250-` and then `550` would be an acceptance to it. */
function readRepliesWhole(connection: Connection): void {
  const { _responseQueue: queue, _processResponse: act } = connection;
  if (queue === undefined || act === undefined || read.has(connection)) return;
  read.add(connection);
  connection._processResponse = () => {
    const [reply] = connection._responseQueue ?? [];
    if (reply !== undefined) connection._responseQueue?.splice(0, 1, asBadAsItsWorst(reply));
    return act.call(connection);
  };
}

/**
 * A reply whose lines don't agree (RFC 5321, 4.2.1, says they must) is as bad as its worst line: only that is left of
 * it. So nothing counts as taken that the server refused in the same breath.
 */
export function asBadAsItsWorst(reply: string): string {
  const lines = reply.split('\n');
  const last = lines.at(-1) ?? '';
  const codes = lines.map((line) => (/^\d{3}(?=[ -]|$)/.test(line) ? line.slice(0, 3) : ''));
  // Not whole yet, or not a reply at all: neither is ours to mend.
  if (/^\d+-/.test(last) || codes.at(-1) === '') return reply;
  const worst = codes.reduce((one, other) => (other > one ? other : one));
  if (codes.every((code) => code === '' || code[0] === worst[0])) return reply;
  const said = lines.filter((_, at) => codes[at]?.[0] === worst[0]);
  return said.map((line, at) => `${line.slice(0, 3)}${at === said.length - 1 ? ' ' : '-'}${line.slice(4)}`).join('\n');
}
