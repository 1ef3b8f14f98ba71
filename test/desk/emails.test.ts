import { describe, expect, test } from '@jest/globals';
import type { NotifyInput } from '../../src/domain/activities.js';
import type { FactBody } from '../../src/domain/facts.js';
import type { ComposedEmail } from '../../src/email/types.js';
import { KIT, person, seen, T0 } from '../ledger/support.js';
import { createFacts, DAY } from '../support/facts.js';
import { preformatted } from '../support/page-text.js';
import { deskUnderTest } from './support.js';

describe('what the patient saw', () => {
  const { world, get, signIn, acts, ...desk } = deskUnderTest();

  async function send(over: Partial<NotifyInput> = {}): Promise<ComposedEmail> {
    const email = await desk.send(over);
    if (email === null) throw new Error('nothing was sent');
    return email;
  }

  /** What a journey has been told, in place of what `seen` wrote. */
  async function knows(
    seq: number,
    fact: Omit<FactBody, 'receivedAt'> & { readonly receivedAt?: number },
  ): Promise<void> {
    await world.database.query(`update deliveries set relayed_at = now(), facts = $1 where subject = $2 and seq = $3`, [
      JSON.stringify({ receivedAt: T0, ...fact }),
      KIT,
      seq,
    ]);
  }

  const pathOf = ({ messageId }: ComposedEmail): string => `/desk/emails/${encodeURIComponent(messageId)}`;
  const hello = (text: string): string =>
    text.replaceAll('Hello Zoë,', 'Hello,').replaceAll('Bonjour Zoë,', 'Bonjour,');
  const withoutStop = (text: string): string =>
    text.replace(/https:\/\/(lab\.example\/stop|stop-link\.invalid)\/[^\s"<\])]*/g, 'STOP');
  test('is linked from the story, marked as a reconstruction, and masked', async () => {
    const email = await send();
    const rea = await signIn('rea');
    const story = await get('/desk/kits/123456789012', rea);
    expect(story.body).toContain(`href="${pathOf(email)}"`);
    const page = await get(pathOf(email), rea);
    expect(page.statusCode).toBe(200);
    expect(page.body).toContain('A reconstruction');
    expect(page.body).toContain('z•••@example.com');
    expect(page.body).not.toMatch(/Zoë|Müller|zoe@example/);
    expect(page.headers['content-security-policy']).toContain("frame-src 'self'");
    expect(await acts()).toContain('rea email done');
  });

  test('is the email that was sent, but for the name and the link that stops emails', async () => {
    const seq = await seen(world.database, world.sealing, {
      subject: KIT,
      person: person({ locale: 'fr-CA', zone: 'America/Toronto' }),
      event: 'kit.received_lab',
    });
    const { fact } = createFacts(KIT);
    await knows(seq, { ...fact('kit.received_lab', 0), at: T0, receivedAt: T0, completion: T0 + 9 * DAY });
    const email = await send({
      kind: 'kit.received_lab',
      cause: 'wh_2',
      sourceSeq: seq,
      expectedCompletion: T0 + 9 * DAY,
    });
    expect(email.text).toMatch(/Bonjour Zoë,/);
    // Another day: what was promised then had not passed.
    world.now += 30 * DAY;
    const pia = await signIn('pia');
    const [page, frame] = [await get(pathOf(email), pia), await get(`${pathOf(email)}/html`, pia)];
    expect(withoutStop(frame.body)).toBe(withoutStop(hello(email.html)));
    expect(withoutStop(preformatted(page.body)).trim()).toBe(withoutStop(hello(email.text)).trim());
    expect(frame.body).not.toContain('lab.example/stop');
  });

  test('in its frame can load and run nothing', async () => {
    const frame = await get(`${pathOf(await send())}/html`, await signIn('rea'));
    expect(frame.headers['content-security-policy']).toMatch(
      /^default-src 'none'; style-src 'unsafe-inline';.*; sandbox$/,
    );
    expect(frame.headers['content-type']).toMatch('text/html');
  });

  test('is the first word of results where it was, whatever was reported since', async () => {
    const first = await send({ kind: 'results.available', cause: 'wh_2', firstWord: true });
    world.now += DAY;
    const review = await send({ kind: 'results.reviewed', cause: 'wh_3', firstWord: false });
    world.now += DAY;
    await world.ledger.noteOutcome({
      messageId: first.messageId,
      what: 'delivered',
      permanent: false,
      cause: 'mail:1',
      at: world.now,
    });
    const rea = await signIn('rea');
    for (const email of [first, review]) expect((await get(`${pathOf(email)}/html`, rea)).body).toBe(hello(email.html));
  });

  test('greets whom it greeted, and not whom an operator named later', async () => {
    const email = await send();
    world.now += DAY;
    await seen(world.database, world.sealing, {
      subject: KIT,
      person: person({ firstName: 'Ana', email: 'ana@example.com', locale: 'es' }),
      at: world.now,
      source: 'operator',
    });
    const page = await get(pathOf(email), await signIn('rea'));
    expect(page.body).toContain('z•••@example.com');
    expect(preformatted(page.body).trim()).toBe(hello(email.text).trim());
  });

  test('of a forgotten patient says what is gone, and shows what is left', async () => {
    const email = await send();
    const pia = await signIn('pia');
    await world.app.inject({
      url: '/admin/kits/123456789012/erase',
      method: 'POST',
      headers: { authorization: 'Bearer admin-token-of-this-test' },
      payload: {},
    });
    const page = await get(pathOf(email), pia);
    expect(page.body).toContain('This patient was forgotten on request: the name, the address');
    expect(page.body).toContain('not kept any more');
    expect(page.body).not.toMatch(/example\.com/);
    expect(preformatted(page.body)).toContain('Hello,');
  });

  test('is nothing where no mail server ever had it, and nothing is made up', async () => {
    await world.database.query('delete from contacts');
    expect(await desk.send()).toBeNull();
    const [row] = await world.database.query<{ message_id: string }>('select message_id from notifications');
    const page = await get(`/desk/emails/${encodeURIComponent(row?.message_id ?? '')}`, await signIn('rea'));
    expect(page.body).toContain('It was never handed to a mail server');
    expect(page.body).not.toContain('<iframe');
  });

  test('is shown to nobody who isn’t signed in, nor under a Message-ID that is none of ours', async () => {
    const email = await send();
    expect((await get(pathOf(email))).statusCode).toBe(401);
    expect((await get('/desk/emails/%3Cx%40y%3E', await signIn('rea'))).statusCode).toBe(404);
  });
});
