import { afterEach, describe, expect, test } from '@jest/globals';
import { asBadAsItsWorst } from '../../../src/email/transport/session.js';
import { startScripted, type ScriptedServer } from './scripted.js';
import { message } from './smtp.js';

const servers: ScriptedServer[] = [];
async function scripted(...script: Parameters<typeof startScripted>): Promise<ScriptedServer> {
  const server = await startScripted(...script);
  servers.push(server);
  return server;
}
afterEach(async () => {
  await Promise.all(servers.splice(0).map(async (server) => server.close()));
});

const JOERG = 'jörg.wire@example.com';
const beginnings = ({ commands }: ScriptedServer) => commands.filter((command) => /^(MAIL|RCPT|DATA|\.)/.test(command));

describe('an address with letters beyond ASCII', () => {
  test('is not handed over where the server offers no SMTPUTF8: refused as an address, and nothing is said of it', async () => {
    const server = await scripted({ offers: ['8BITMIME', 'PIPELINING', 'X-SMTPUTF8-NOT', 'SIZE SMTPUTF8'] });
    expect(await server.mailer.handOver(message({ to: JOERG }))).toMatchObject({
      outcome: 'refused',
      about: 'address',
      reply: expect.stringMatching(/SMTPUTF8/),
    });
    expect(beginnings(server)).toEqual([]);
    // The connection serves the next one.
    expect(await server.mailer.handOver(message())).toMatchObject({ outcome: 'accepted' });
    expect(server.connections()).toBe(1);
  });

  test('goes with SMTPUTF8 said on MAIL FROM where the server offers it', async () => {
    for (const offers of [['SMTPUTF8'], ['PIPELINING', 'smtputf8']]) {
      const server = await scripted({ offers });
      expect(await server.mailer.handOver(message({ to: JOERG }))).toMatchObject({ outcome: 'accepted' });
      expect(beginnings(server)).toEqual([
        'MAIL FROM:<news@herald.example> SMTPUTF8',
        `RCPT TO:<${JOERG}>`,
        'DATA',
        '.',
      ]);
    }
  });

  test('under STARTTLS goes by what is offered then, not by what was offered before', async () => {
    const less = await scripted({ offers: ['STARTTLS', 'SMTPUTF8'], offersUnderTls: ['8BITMIME'] });
    expect(await less.mailer.handOver(message({ to: JOERG }))).toMatchObject({ outcome: 'refused', about: 'address' });
    expect(beginnings(less)).toEqual([]);
    const more = await scripted({ offers: ['STARTTLS'], offersUnderTls: ['SMTPUTF8'] });
    expect(await more.mailer.handOver(message({ to: JOERG }))).toMatchObject({ outcome: 'accepted' });
    expect(beginnings(more)[0]).toBe('MAIL FROM:<news@herald.example> SMTPUTF8');
  });

  test.each([
    ['first', { to: JOERG, alsoTo: ['jane@example.com'] }],
    ['last', { to: 'jane@example.com', alsoTo: [JOERG] }],
  ])(
    'of the team, named %s, is left out where the server can’t carry it, and keeps it from nobody else',
    async (_place, team) => {
      const less = await scripted({ offers: ['8BITMIME'] });
      expect(await less.mailer.handOver(message(team))).toMatchObject({ outcome: 'accepted' });
      expect(beginnings(less)).toEqual(['MAIL FROM:<news@herald.example>', 'RCPT TO:<jane@example.com>', 'DATA', '.']);
      const more = await scripted({ offers: ['SMTPUTF8'] });
      expect(await more.mailer.handOver(message(team))).toMatchObject({ outcome: 'accepted' });
      expect(
        beginnings(more)
          .filter((command) => command.startsWith('RCPT'))
          .sort(),
      ).toEqual(['RCPT TO:<jane@example.com>', `RCPT TO:<${JOERG}>`]);
    },
  );

  test('is refused by a server that knows no EHLO', async () => {
    const server = await scripted({ says: (command) => (command === 'EHLO' ? '500 what' : undefined) });
    expect(await server.mailer.handOver(message({ to: JOERG }))).toMatchObject({
      outcome: 'refused',
      about: 'address',
    });
    expect(beginnings(server)).toEqual([]);
  });

  test('of ours is the server’s matter, not the patient’s', async () => {
    const server = await scripted();
    const from = { name: 'Kit Herald', address: 'grüße@herald.example' };
    expect(await server.mailer.handOver(message({ from }))).toMatchObject({ outcome: 'refused', about: 'server' });
  });

  test('needs nothing where only the domain has them', async () => {
    const server = await scripted();
    expect(await server.mailer.handOver(message({ to: 'jana@bücher.example' }))).toMatchObject({ outcome: 'accepted' });
    expect(beginnings(server)[1]).toBe('RCPT TO:<jana@xn--bcher-kva.example>');
  });
});

describe('a 421 is told as what it is, also on a connection that was used before', () => {
  const CLOSING = '421 4.3.2 shutting down';
  test.each(['MAIL FROM', 'RCPT TO', 'DATA', '.'])('at %s', async (at) => {
    for (const offers of [[], ['PIPELINING']])
      for (const nth of [1, 2]) {
        const server = await scripted({
          offers,
          says: (command, message) => (command === at && message === nth ? CLOSING : undefined),
        });
        if (nth === 2) expect(await server.mailer.handOver(message())).toMatchObject({ outcome: 'accepted' });
        expect(await server.mailer.handOver(message())).toEqual({
          outcome: 'temporary',
          greylisted: false,
          // Said once the server has the whole message.
          mayHaveGone: at === '.',
          reply: expect.stringContaining(CLOSING),
        });
        // Nothing of it stays: the next one has a connection of its own.
        expect(await server.mailer.handOver(message())).toMatchObject({ outcome: 'accepted' });
      }
  });

  test('at the greeting', async () => {
    const server = await scripted({ says: (command) => (command === 'EHLO' ? CLOSING : undefined) });
    expect(await server.mailer.handOver(message())).toMatchObject({ outcome: 'temporary' });
  });

  test('greylisting keeps its words on a connection that was used before', async () => {
    const server = await scripted({
      says: (command, message) => (command === 'RCPT TO' && message === 2 ? '451 4.7.1 greylisted' : undefined),
    });
    await server.mailer.handOver(message());
    expect(await server.mailer.handOver(message())).toMatchObject({ outcome: 'temporary', greylisted: true });
  });
});

describe('a reply of several lines', () => {
  test.each(['RCPT TO', '.'])('that begins 250- and ends 550 is a refusal, at %s', async (at) => {
    for (const offers of [[], ['PIPELINING']]) {
      const server = await scripted({
        offers,
        says: (command) => (command === at ? '250-well\r\n550 5.1.1 no such user' : undefined),
      });
      expect(await server.mailer.handOver(message())).toMatchObject({
        outcome: 'refused',
        about: 'address',
        reply: expect.stringContaining('550 5.1.1'),
      });
    }
  });

  test.each([
    ['250-a\r\n450 4.2.1 busy', 'temporary'],
    ['450-4.2.1 a\r\n250 b', 'temporary'],
    ['550-5.1.1 a\r\n250 b', 'refused'],
    ['250-a\r\n550-5.1.1 b\r\n250 c', 'refused'],
    ['250-a\r\n250-b\r\n250 c', 'accepted'],
    ['250-a\r\n250', 'accepted'],
    ['250', 'accepted'],
  ])('%j at the end is %s', async (reply, outcome) => {
    const server = await scripted({ says: (command) => (command === '.' ? reply : undefined) });
    expect(await server.mailer.handOver(message())).toMatchObject({ outcome });
  });

  test('that is no refusal, nor an acceptance, says nothing of the message: before it left unreachable, after it no answer', async () => {
    for (const odd of ['hello', '354 what', '999 what', '199 what']) {
      for (const at of ['MAIL FROM', 'RCPT TO']) {
        const server = await scripted({ says: (command) => (command === at ? odd : undefined) });
        expect(await server.mailer.handOver(message())).toMatchObject({ outcome: 'unreachable' });
      }
      const server = await scripted({ says: (command) => (command === '.' ? odd : undefined) });
      expect(await server.mailer.handOver(message())).toMatchObject({ outcome: 'no_answer' });
    }
  });

  test('is as bad as its worst line, and otherwise as it was said', () => {
    for (const same of [
      '250 a',
      '250-a\n250 b',
      '550-a\n550 b',
      '250-5.1.1\n250 x',
      'hello',
      '250-a',
      '220-a\nb\n220 c',
    ])
      expect(asBadAsItsWorst(same)).toBe(same);
    expect(asBadAsItsWorst('250-a\n550 b')).toBe('550 b');
    expect(asBadAsItsWorst('550-a\n550-b\n250 c')).toBe('550-a\n550 b');
  });
});
