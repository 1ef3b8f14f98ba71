import { simpleParser, type ParsedMail } from 'mailparser';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { SMTPServer } from 'smtp-server';

/** What the sink answers to RCPT TO of an address; undefined accepts it. */
export type Behaviour = (address: string, attempt: number) => { code: number; text: string } | undefined;

/**
 * How a message is taken that the sink has accepted: answered, or hung up on without an answer, after so many ms or when
 * something has happened.
 */
export interface Taking {
  readonly after: number | Promise<unknown>;
  readonly answer: boolean;
  /** Said instead of an answer before it hangs up. */
  readonly farewell?: string;
}

/** `at`: when it was accepted (ms since the epoch). */
export type CaughtMail = ParsedMail & { readonly recipients: readonly string[]; readonly at: number };

export interface SmtpSink {
  readonly url: string;
  readonly port: number;
  /** Everything that was accepted, in order, whether or not the sender was told so. */
  readonly mails: readonly CaughtMail[];
  /** How often RCPT TO named this address, refused attempts included. */
  attempts(address: string): number;
  behave(behaviour: Behaviour): void;
  /** Asked for each message that is accepted. */
  take(taking: (mail: CaughtMail) => Taking): void;
  /** Subjects of all that one address got, in order of arrival. */
  subjectsTo(address: string): string[];
  /** Nobody listens on its port until `comeBack`; what was accepted stays. */
  goAway(): Promise<void>;
  comeBack(): Promise<void>;
  close(): Promise<void>;
}

/** A real SMTP server on loopback that keeps what it accepts, and refuses, greylists or hangs up as a test asks. */
export async function startSmtpSink({ port = 0 }: { port?: number } = {}): Promise<SmtpSink> {
  const mails: CaughtMail[] = [];
  const attempts = new Map<string, number>();
  let behaviour: Behaviour = () => undefined;
  let taking: (mail: CaughtMail) => Taking = () => ({ after: 0, answer: true });
  const listen = async (at: number): Promise<SMTPServer> => {
    const server: SMTPServer = new SMTPServer({
      authOptional: true,
      // A mailer keeps its connections open: by default a close waits 30 s for them.
      closeTimeout: 200,
      disabledCommands: ['STARTTLS', 'AUTH'],
      onRcptTo({ address }, _session, done) {
        const attempt = (attempts.get(address) ?? 0) + 1;
        attempts.set(address, attempt);
        const answer = behaviour(address, attempt);
        done(answer ? Object.assign(new Error(answer.text), { responseCode: answer.code }) : null);
      },
      onData(stream, session, done) {
        simpleParser(stream).then(async (parsed) => {
          const recipients = session.envelope.rcptTo.map(({ address }) => address);
          const mail = Object.assign(parsed, { recipients, at: Date.now() });
          mails.push(mail);
          const { after, answer, farewell } = taking(mail);
          if (typeof after === 'number' && after > 0) await sleep(after);
          await after;
          if (answer) done();
          else
            for (const one of server.connections)
              if (one.session === session) {
                if (farewell !== undefined) one.send(Number(farewell.slice(0, 3)), farewell.slice(4));
                one.close();
              }
        }, done);
      },
    });
    server.on('error', () => undefined); // a client that goes away mid-dialogue must not end the sink
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(at, '127.0.0.1', resolve);
    });
    return server;
  };
  let server: SMTPServer | null = await listen(port);
  const listening = (server.server.address() as AddressInfo).port;
  const goAway = async (): Promise<void> => {
    const leaving = server;
    server = null;
    if (leaving !== null)
      await new Promise<void>((resolve) => {
        leaving.close(resolve);
      });
  };
  return {
    url: `smtp://127.0.0.1:${String(listening)}`,
    port: listening,
    mails,
    attempts: (address) => attempts.get(address) ?? 0,
    behave: (next) => {
      behaviour = next;
    },
    take: (next) => {
      taking = next;
    },
    subjectsTo: (address) =>
      mails.filter(({ recipients }) => recipients.includes(address)).map(({ subject }) => subject ?? ''),
    goAway,
    comeBack: async () => {
      server ??= await listen(listening);
    },
    close: goAway,
  };
}
