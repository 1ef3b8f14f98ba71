import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { createServer, type AddressInfo } from 'node:net';
import type { Socket } from 'node:net';
import type { SMTPServerOptions } from 'smtp-server';
import { createMailer } from '../../../src/email/transport/mailer.js';
import { message, openPost, reply, type Post } from './smtp.js';

const posts: Post[] = [];
async function post(options?: SMTPServerOptions): Promise<Post> {
  const opened = await openPost(options);
  posts.push(opened);
  return opened;
}
afterEach(async () => {
  await Promise.all(posts.splice(0).map(async (opened) => opened.close()));
});

describe('an email that the server takes', () => {
  test('is accepted with the server’s own reply, and says when it began to leave', async () => {
    const { mailer, received } = await post();
    let sent = 0;
    const outcome = await mailer().handOver(message(), { onDataSent: () => (sent += 1) });
    expect(outcome).toEqual({ outcome: 'accepted', reply: '250 queued as 42' });
    expect(sent).toBe(1);
    expect(received).toMatchObject([{ from: 'news@herald.example', to: ['jane@example.com'] }]);
    expect(received[0]?.raw).toContain('Message-ID: <one@herald.example>');
    expect(received[0]?.raw).toContain('Reply-To: Kit Herald <support@herald.example>');
  });

  test('keeps its links in headers on one line, and signs both of RFC 8058’s headers', async () => {
    const { privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    });
    const { mailer, received } = await post();
    await mailer({ dkim: { domain: 'herald.example', selector: 'k1', privateKey } }).handOver(message());
    const raw = received[0]?.raw ?? '';
    expect(raw).toMatch(/^List-Unsubscribe: <https:\/\/\S+>\r$/m);
    expect(raw).toMatch(/^List-Unsubscribe-Post: List-Unsubscribe=One-Click\r$/m);
    const signature = /^DKIM-Signature:([^]*?)\r\n(?![ \t])/m.exec(raw)?.[1]?.replace(/\s+/g, '') ?? '';
    const signed = /;h=([^;]+);/.exec(signature)?.[1]?.toLowerCase().split(':');
    expect(signed).toEqual(
      expect.arrayContaining(['from', 'to', 'subject', 'message-id', 'list-unsubscribe', 'list-unsubscribe-post']),
    );
  });

  test('goes to a domain in any script, by its ASCII name', async () => {
    const { mailer, received } = await post();
    await mailer().handOver(message({ to: ' jana@bücher.example. ' }));
    expect(received[0]?.to).toHaveLength(1);
    expect(received[0]?.raw).toContain('To: jana@xn--bcher-kva.example');
  });

  test('goes over the same connection again, also after the server has closed it', async () => {
    const sockets = new Set<Socket>();
    const { mailer, server, received } = await post();
    server.server.on('connection', (socket: Socket) => sockets.add(socket));
    const pooled = mailer({ connections: 1 });
    await pooled.handOver(message());
    await pooled.handOver(message());
    expect(sockets.size).toBe(1);
    const [first] = [...sockets];
    await new Promise<void>((closed) => {
      first?.once('close', () => {
        closed();
      });
      first?.destroy();
    });
    const outcomes = [await pooled.handOver(message()), await pooled.handOver(message())];
    // Nothing of it had left: the first of them is either told so, or went over a new connection.
    expect(['accepted', 'unreachable']).toContain(outcomes[0]?.outcome);
    expect(outcomes[1]?.outcome).toBe('accepted');
    expect(received).toHaveLength(outcomes[0]?.outcome === 'accepted' ? 4 : 3);
  });
});

describe('an email that is refused', () => {
  const atRcpt = async (error: Error) => {
    const { mailer, received } = await post({
      onRcptTo(_address, _session, done) {
        done(error);
      },
    });
    const outcome = await mailer().handOver(message());
    expect(received).toHaveLength(0);
    return outcome;
  };

  test('for its address', async () => {
    expect(await atRcpt(reply(550, '5.1.1 <jane@example.com>: user unknown'))).toEqual({
      outcome: 'refused',
      about: 'address',
      reply: '550 5.1.1 <jane@example.com>: user unknown',
    });
  });

  test('for what we are', async () => {
    expect(await atRcpt(reply(550, '5.7.1 relaying denied'))).toMatchObject({ outcome: 'refused', about: 'server' });
  });

  test('for now, by greylisting', async () => {
    expect(await atRcpt(reply(451, '4.7.1 Greylisted, come back in 5 minutes'))).toMatchObject({
      outcome: 'temporary',
      greylisted: true,
    });
  });

  test('for now, without greylisting', async () => {
    expect(await atRcpt(reply(452, '4.2.2 mailbox full'))).toMatchObject({ outcome: 'temporary', greylisted: false });
  });

  test('at its sender', async () => {
    const { mailer } = await post({
      onMailFrom(_address, _session, done) {
        done(reply(550, '5.1.8 sender domain does not exist'));
      },
    });
    expect(await mailer().handOver(message())).toMatchObject({ outcome: 'refused', about: 'server' });
  });

  test('after its content was seen', async () => {
    const { mailer } = await post({
      onData(stream, _session, done) {
        stream.resume().on('end', () => {
          done(reply(554, '5.7.1 message looks like spam'));
        });
      },
    });
    expect(await mailer().handOver(message())).toMatchObject({ outcome: 'refused', about: 'server' });
  });

  test('for our credentials', async () => {
    const { mailer, server } = await post({
      disabledCommands: ['STARTTLS'],
      allowInsecureAuth: true,
      onAuth(_auth, _session, done) {
        done(reply(535, '5.7.8 authentication failed'));
      },
    });
    const { port } = server.server.address() as AddressInfo;
    const authenticated = createMailer({
      smtpUrl: `smtp://me:wrong@127.0.0.1:${String(port)}`,
      requireTls: false,
      dkim: null,
    });
    expect(await authenticated.handOver(message())).toMatchObject({ outcome: 'refused', about: 'server' });
    await expect(authenticated.verify()).rejects.toThrow();
    authenticated.close();
    await expect(mailer().verify()).resolves.toBeUndefined();
  });

  test('by us, when it is no address: the server is not asked', async () => {
    const { mailer, received } = await post();
    for (const to of ['', 'jane', 'a@b@c.example', 'jane@example.com, eve@evil.example', '"a b"@example.com'])
      expect(await mailer().handOver(message({ to }))).toMatchObject({ outcome: 'refused', about: 'address' });
    expect(received).toHaveLength(0);
  });
});

describe('an address that a server may read as another', () => {
  test.each([
    'eve%evil.example@example.com',
    'evil.example!eve@example.com',
    '-oQ@example.com',
    '=?utf-8?q?eve?=@example.com',
  ])('%s is refused as an address, and the server isn’t asked', async (to) => {
    const { mailer, received } = await post();
    expect(await mailer().handOver(message({ to }))).toMatchObject({ outcome: 'refused', about: 'address' });
    expect(received).toHaveLength(0);
  });

  test('is left out of several, and keeps the email from nobody else', async () => {
    const { mailer, received } = await post();
    const alsoTo = ['eve%evil.example@example.com', ' joe@example.com '];
    expect(await mailer().handOver(message({ alsoTo }))).toMatchObject({ outcome: 'accepted' });
    expect(await mailer().handOver(message({ to: '-oQ@example.com', alsoTo }))).toMatchObject({ outcome: 'accepted' });
    expect(received.map(({ to }) => to)).toEqual([['jane@example.com', 'joe@example.com'], ['joe@example.com']]);
    expect(received.map(({ raw }) => raw).join()).not.toContain('evil');
  });
});

describe('a connection that fails', () => {
  test('before it is open leaves nothing', async () => {
    const closed = createServer();
    await new Promise<void>((listening) => closed.listen(0, '127.0.0.1', listening));
    const { port } = closed.address() as AddressInfo;
    await new Promise((done) => closed.close(done));
    const mailer = createMailer({ smtpUrl: `smtp://127.0.0.1:${String(port)}`, requireTls: false, dkim: null });
    expect(await mailer.handOver(message())).toMatchObject({ outcome: 'unreachable' });
    mailer.close();
  });

  test('before DATA leaves nothing', async () => {
    const sockets: Socket[] = [];
    const { mailer, server } = await post({
      onRcptTo() {
        for (const socket of sockets) socket.destroy();
      },
    });
    server.server.on('connection', (socket: Socket) => sockets.push(socket));
    expect(await mailer().handOver(message())).toMatchObject({ outcome: 'unreachable' });
  });

  test('after DATA leaves it unknown', async () => {
    const sockets: Socket[] = [];
    const { mailer, server } = await post({
      onData(stream) {
        stream.resume().on('end', () => {
          for (const socket of sockets) socket.destroy();
        });
      },
    });
    server.server.on('connection', (socket: Socket) => sockets.push(socket));
    expect(await mailer().handOver(message())).toMatchObject({ outcome: 'no_answer' });
  });

  test('without TLS where TLS is required is not used', async () => {
    const { mailer, received } = await post();
    const outcome = await mailer({ requireTls: true }).handOver(message());
    expect(outcome.outcome).not.toBe('accepted');
    expect(received).toHaveLength(0);
  });

  test('by TLS is used when the server’s certificate may be trusted, and only then', async () => {
    // smtp-server warns of its own certificate, whose key everybody knows: here it is the one not to be trusted.
    const warning = jest.spyOn(console, 'error').mockImplementation(() => undefined);
    const { mailer, received } = await post({ disabledCommands: [] });
    warning.mockRestore();
    expect((await mailer({ requireTls: true }).handOver(message())).outcome).toBe('unreachable');
    expect(received).toHaveLength(0);
    const trusting = mailer({ requireTls: true, parameters: '?tls.rejectUnauthorized=false' });
    expect((await trusting.handOver(message())).outcome).toBe('accepted');
  });
});

describe('calling it off', () => {
  test('before DATA cancels it', async () => {
    const cancel = new AbortController();
    const { mailer, received } = await post({
      onRcptTo(_address, _session, done) {
        cancel.abort();
        setImmediate(done);
      },
    });
    let sent = 0;
    const outcome = await mailer().handOver(message(), { signal: cancel.signal, onDataSent: () => (sent += 1) });
    expect(outcome).toEqual({ outcome: 'cancelled' });
    expect(sent).toBe(0);
    expect(received).toHaveLength(0);
  });

  test('before it starts doesn’t even connect', async () => {
    const { mailer, server } = await post();
    let connections = 0;
    server.server.on('connection', () => (connections += 1));
    expect(await mailer().handOver(message(), { signal: AbortSignal.abort() })).toEqual({ outcome: 'cancelled' });
    expect(connections).toBe(0);
  });

  test('after DATA is ignored, and the outcome is waited for', async () => {
    const cancel = new AbortController();
    const { mailer } = await post({
      onData(stream, _session, done) {
        stream.resume().on('end', () => {
          cancel.abort();
          setImmediate(() => {
            done(null, 'queued');
          });
        });
      },
    });
    expect(await mailer().handOver(message(), { signal: cancel.signal })).toEqual({
      outcome: 'accepted',
      reply: '250 queued',
    });
  });

  test('happens by itself at the deadline: before DATA nothing has left, after DATA nobody knows', async () => {
    const silent = await post({ onRcptTo: () => undefined });
    expect(await silent.mailer({ deadline: 150 }).handOver(message())).toMatchObject({ outcome: 'unreachable' });
    const mute = await post({
      onData(stream) {
        stream.resume();
      },
    });
    expect(await mute.mailer({ deadline: 150 }).handOver(message())).toMatchObject({ outcome: 'no_answer' });
  });
});
