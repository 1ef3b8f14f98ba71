import { simpleParser, type ParsedMail } from 'mailparser';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

/** What the sink answers to RCPT TO of an address; undefined accepts it. */
export type Behaviour = (address: string, attempt: number) => { code: number; text: string } | undefined;

export interface SmtpSink {
  readonly url: string;
  readonly port: number;
  /** Everything that was accepted, in order. */
  readonly mails: readonly (ParsedMail & { recipients: readonly string[] })[];
  /** How often RCPT TO named this address, refused attempts included. */
  attempts(address: string): number;
  behave(behaviour: Behaviour): void;
  /** Subjects of all that one address got, in order of arrival. */
  subjectsTo(address: string): string[];
  close(): Promise<void>;
}

/** A real SMTP server on loopback that keeps what it accepts, and refuses or greylists as a test asks. */
export async function startSmtpSink({ port = 0 }: { port?: number } = {}): Promise<SmtpSink> {
  const mails: (ParsedMail & { recipients: readonly string[] })[] = [];
  const attempts = new Map<string, number>();
  let behaviour: Behaviour = () => undefined;
  const server = new SMTPServer({
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
      simpleParser(stream).then((mail) => {
        mails.push(Object.assign(mail, { recipients: session.envelope.rcptTo.map(({ address }) => address) }));
        done();
      }, done);
    },
  });
  server.on('error', () => undefined); // a client that goes away mid-dialogue must not end the sink
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const listening = (server.server.address() as AddressInfo).port;
  return {
    url: `smtp://127.0.0.1:${String(listening)}`,
    port: listening,
    mails,
    attempts: (address) => attempts.get(address) ?? 0,
    behave: (next) => {
      behaviour = next;
    },
    subjectsTo: (address) =>
      mails.filter(({ recipients }) => recipients.includes(address)).map(({ subject }) => subject ?? ''),
    close: () =>
      new Promise((resolve) => {
        server.close(resolve);
      }),
  };
}
