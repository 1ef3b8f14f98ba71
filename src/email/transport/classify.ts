import type { HandOver } from '../types.js';

/** What nodemailer tells of a failure; every field may be missing. */
export interface SmtpFailure {
  readonly message: string;
  readonly code?: string | undefined;
  /** What was asked when the server said no: `RCPT TO`, `DATA`, `AUTH PLAIN`, …; `API` where it was never asked. */
  readonly command?: string | undefined;
  readonly response?: string | undefined;
  readonly responseCode?: number | undefined;
}

/**
 * What a failed hand-over means. `leaving`: the message itself had begun to leave, so that without an answer nobody
 * knows whether it arrived.
 */
export function classify(failure: SmtpFailure, leaving: boolean): HandOver {
  const reply = failure.response ?? failure.message;
  const code = failure.responseCode ?? 0;
  if (code >= 500 && code < 600 && code !== BAD_SEQUENCE)
    return { outcome: 'refused', about: isAboutAddress(failure, code) ? 'address' : 'server', reply };
  if ((code >= 400 && code < 500) || code === BAD_SEQUENCE)
    return {
      outcome: 'temporary',
      greylisted: isGreylisting(failure, code),
      mayHaveGone: leaving && code === SHUTTING_DOWN,
      reply,
    };
  if (leaving) return { outcome: 'no_answer', reply };
  // With a reply that is no refusal (no code at all, or 354 out of step) it is the session that is broken.
  if (failure.response === undefined && failure.code !== undefined && NEVER_ASKED.has(failure.code))
    return {
      outcome: 'refused',
      about: failure.code === 'EENVELOPE' ? 'address' : 'server',
      reply,
    };
  return { outcome: 'unreachable', reply };
}

/** The one reply that a server may give unasked (RFC 5321, 3.8): perhaps while it was taking the message. */
const SHUTTING_DOWN = 421;

/** The session was out of step, not the message refused: another connection may take it. */
const BAD_SEQUENCE = 503;

/** nodemailer refused by itself, before the server was asked: an address, the message's size, missing credentials. */
const NEVER_ASKED = new Set(['EENVELOPE', 'EMESSAGE', 'EAUTH', 'ENOAUTH', 'ECONFIG']);

/** The enhanced status code (RFC 3463) of a reply, `5.1.1`, as subject and detail. */
function enhanced(reply: string): { subject: number; detail: number } | null {
  const match = /^\d{3}[ -][45]\.(\d{1,3})\.(\d{1,3})\b/.exec(reply);
  return match === null ? null : { subject: Number(match[1]), detail: Number(match[2]) };
}

/** Words of servers that refuse a sender at RCPT TO without saying so by a code. */
const ABOUT_US =
  /relay|spam|block(ed|list)|black-?list|reputation|policy|spf|dkim|dmarc|authenticat|rate.?limit|too many|your (ip|host|domain)|sender/i;

/** Whether another address would have been taken: what a human must correct differs. */
function isAboutAddress({ command, response = '' }: SmtpFailure, code: number): boolean {
  if (command !== 'RCPT TO' && command !== 'DATA') return false;
  const status = enhanced(response);
  if (status === null)
    // 550 to 553 at RCPT TO are about mailboxes by RFC 5321, 501 is about syntax; after DATA they are about content.
    return command === 'RCPT TO' && [501, 550, 551, 552, 553].includes(code) && !ABOUT_US.test(response);
  const { subject, detail } = status;
  if (subject === 1) return detail !== 7 && detail !== 8; // 5.1.7 and 5.1.8 are the sender's address
  if (subject === 2) return true;
  if (subject === 4) return [1, 4].includes(detail); // no host takes mail for this domain
  if (subject === 6) return detail === 7; // an address in a script this server can't carry
  // 5.0.0 says nothing: then the words and the plain code decide.
  return subject === 0 && command === 'RCPT TO' && !ABOUT_US.test(response);
}

/** Greylisting has no code of its own: words that servers use, or a policy code on a 450 or 451 at RCPT TO. */
function isGreylisting({ command, response = '' }: SmtpFailure, code: number): boolean {
  if (/gr[ae]y-?\s?list|postgrey/i.test(response)) return true;
  if (command !== 'RCPT TO' || (code !== 450 && code !== 451)) return false;
  return enhanced(response)?.subject === 7 || /try again (later|in \d+)|retry (later|in \d+)|come back/i.test(response);
}
