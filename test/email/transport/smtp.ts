import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { createMailer, type MailerOptions } from '../../../src/email/transport/mailer.js';
import type { ComposedEmail, Mailer } from '../../../src/email/types.js';

interface Received {
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: string;
}

export interface Post {
  readonly received: Received[];
  readonly server: SMTPServer;
  readonly mailer: (options?: Partial<MailerOptions> & { readonly parameters?: string }) => Mailer;
  close(): Promise<void>;
}

/** A real SMTP server on a free port, and mailers that talk to it. */
export async function openPost(options: SMTPServerOptions = {}): Promise<Post> {
  const received: Received[] = [];
  const mailers: Mailer[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, { envelope }, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        received.push({
          from: envelope.mailFrom === false ? '' : envelope.mailFrom.address,
          to: envelope.rcptTo.map(({ address }) => address),
          raw: Buffer.concat(chunks).toString('utf8'),
        });
        done(null, 'queued as 42');
      });
    },
    ...options,
  });
  // Without a handler a client that goes away ends the process.
  server.on('error', () => undefined);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.server.address() as AddressInfo;
  return {
    received,
    server,
    mailer({ parameters = '', ...more } = {}) {
      const smtpUrl = `smtp://127.0.0.1:${String(port)}${parameters}`;
      const mailer = createMailer({ smtpUrl, requireTls: false, dkim: null, deadline: 10_000, ...more });
      mailers.push(mailer);
      return mailer;
    },
    async close() {
      for (const mailer of mailers) mailer.close();
      await new Promise<void>((closed) => {
        server.close(closed);
      });
    },
  };
}

/** An SMTP reply as an error, the way smtp-server takes one. */
export function reply(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}

export function message(changes: Partial<ComposedEmail> = {}): ComposedEmail {
  return {
    from: { name: 'Kit Herald', address: 'news@herald.example' },
    replyTo: { name: 'Kit Herald', address: 'support@herald.example' },
    to: 'jane@example.com',
    messageId: '<one@herald.example>',
    subject: 'Your kit is registered (kit 9012)',
    html: '<p>Grüße</p>',
    text: 'Grüße\n',
    headers: {
      'List-Unsubscribe': `<https://notifications.herald.example/email/unsubscribe/${'A'.repeat(60)}>`,
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
      'Auto-Submitted': 'auto-generated',
    },
    ...changes,
  };
}
