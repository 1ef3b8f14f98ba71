import { describe, expect, test } from '@jest/globals';
import { KIT, person, request, seen } from '../ledger/support.js';
import { ADMIN } from '../admin/support.js';
import { deskUnderTest } from './support.js';

describe('forgetting a patient at the desk', () => {
  const { world, get, post, signIn, fieldsOf, acts } = deskUnderTest();
  const PATH = '/desk/kits/123456789012/erase';

  const erasedAt = async (): Promise<(Date | null)[]> =>
    (await world.database.query<{ erased_at: Date | null }>('select erased_at from subjects')).map(
      (row) => row.erased_at,
    );
  const everything = async () => [
    await world.database.query('select * from contacts'),
    await world.database.query('select * from inbox'),
    await world.database.query('select * from subjects'),
    await world.database.query('select * from erasures'),
  ];
  const leaving = async () => {
    const taken = await world.ledger.claim(request());
    if (taken.outcome !== 'claimed') throw new Error(taken.outcome);
    const to = { email: 'zoe@example.com', address: world.ledger.addressOf('zoe@example.com') };
    await world.ledger.beginHandOver(taken.claim, to, [KIT]);
    return taken.claim;
  };

  test('says first what goes, what stays and what becomes of emails, and does nothing by that', async () => {
    world.outlook = [
      {
        subject: KIT,
        kind: 'results.available',
        occurrence: 1,
        becomes: 'not_sent',
        until: null,
        reason: 'erased',
        cause: 'x',
      },
    ];
    const pia = await signIn('pia');
    expect((await get('/desk/kits/123456789012', pia)).body).toContain(`href="${PATH}"`);
    const before = await everything();
    const page = await get(PATH, pia);
    expect(page.body).toContain('1 sealed names, addresses, languages, zones and parcels');
    expect(page.body).toContain('stops and suppressions of an address, as a keyed hash');
    expect(page.body).toContain('“Results are ready” is not sent: the patient was forgotten on request.');
    expect(await everything()).toEqual(before);
    expect(await acts()).toContain('pia look done');
  });

  test('names who stays known of the same story', async () => {
    await seen(world.database, world.sealing, { subject: 'order:A1', role: 'recipient', person: person() });
    await world.database.query(`insert into links (order_number, barcode) values ('A1', '123456789012')`);
    expect((await get(PATH, await signIn('pia'))).body).toMatch(/Not part of this[\s\S]*href="\/desk\/orders\/A1"/);
  });

  test('is done by the click, by whoever is signed in, with the certificate to print', async () => {
    const pia = await signIn('pia');
    const form = fieldsOf(await get(PATH, pia));
    const done = await post(PATH, { ...form, by: 'somebody else' }, pia);
    expect(done.body).toContain('asked for by pia');
    expect(await erasedAt()).toEqual([expect.any(Date)]);
    const [path = ''] = /\/desk\/erasures\/erase_[0-9a-f-]+/.exec(done.body) ?? [];
    const certificate = await get(path, pia);
    expect(certificate.body).toMatch(/Certificate of erasure[\s\S]*Asked by<\/th><td>pia</);
    expect(certificate.headers['content-security-policy']).toContain("style-src 'unsafe-inline'");
    const again = await get(PATH, pia);
    expect(again.body).toContain('Already forgotten');
    expect(await acts()).toEqual(expect.arrayContaining(['pia erase asked', 'pia erase done', 'pia certificate done']));
  });

  test('leaves a story that says so, and offers nothing that can’t be done any more', async () => {
    const boss = await signIn('boss');
    await post(PATH, fieldsOf(await get(PATH, boss)), boss);
    const story = await get('/desk/kits/123456789012', boss);
    expect(story.body).toContain('Forgotten on request');
    expect(story.body).toContain('The certificate');
    expect(story.body).not.toMatch(/Try again|Correct the address|Unmask|>Forget</);
    expect((await get('/desk/kits/123456789012/retry', boss)).statusCode).toBe(200);
  });

  test('waits for an email that is leaving, and says so before and after', async () => {
    const claim = await leaving();
    const pia = await signIn('pia');
    const page = await get(PATH, pia);
    expect(page.body).toContain('An email is leaving at this moment');
    const asked = await post(PATH, fieldsOf(page), pia);
    expect(asked.body).toContain('An email was leaving at that moment and is waited for');
    await world.ledger.settle(claim, { status: 'sent', reason: null, at: world.now });
    world.ledger.letGo(claim);
  });

  test('is refused to who may not, without the form’s token, and for a kit that nobody knows', async () => {
    const [jane, pia] = [await signIn('jane'), await signIn('pia')];
    expect((await get('/desk/kits/123456789012', jane)).body).not.toContain(PATH);
    expect((await get(PATH, jane)).statusCode).toBe(403);
    expect((await post(PATH, {}, pia)).statusCode).toBe(403);
    expect((await get('/desk/kits/999/erase', pia)).statusCode).toBe(404);
    expect(await erasedAt()).toEqual([null]);
  });

  test('over the API is asked for by the token, whomever it says it asks for', async () => {
    const ask = (barcode: string, payload: object) =>
      world.app.inject({
        url: `/admin/kits/${barcode}/erase`,
        method: 'POST',
        headers: { authorization: `Bearer ${ADMIN}` },
        payload,
      });
    await seen(world.database, world.sealing, { subject: 'kit:2', person: person() });
    expect((await ask('123456789012', { by: 'maria' })).json()).toMatchObject({ by: 'admin-token, for maria' });
    expect((await ask('2', {})).json()).toMatchObject({ by: 'admin-token' });
  });
});
