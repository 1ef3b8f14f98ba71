import { describe, expect, test } from '@jest/globals';
import { ADMIN } from '../admin/support.js';
import { comesBack, person, seen } from '../ledger/support.js';
import { deskUnderTest } from './support.js';

describe('a story at the desk', () => {
  const { world, get, post, signIn, fieldsOf, send } = deskUnderTest();
  const PATH = '/desk/kits/123456789012';

  const text = async (cookie: string): Promise<string> =>
    (await get(PATH, cookie)).body.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ');
  /** Asks for it by form, rehearsal and confirmation. @returns the pages of the last two */
  async function ask(action: string, fields: Record<string, string>, cookie: string) {
    const form = fieldsOf(await get(`${PATH}/${action}`, cookie));
    const look = await post(`${PATH}/${action}/look`, { ...form, ...fields }, cookie);
    return [look, await post(`${PATH}/${action}`, fieldsOf(look), cookie)] as const;
  }

  test('says where emails go, masked, to whoever may look', async () => {
    expect(await text(await signIn('rea'))).toContain('Emails go to z•••@example.com');
    await world.database.query('delete from contacts');
    expect(await text(await signIn('rea'))).toContain('Emails go to nobody: no address is known');
  });

  test('shows before an address is corrected which it will be, and afterwards who asked for that', async () => {
    const jane = await signIn('jane');
    const [look, done] = await ask(
      'correct-contact',
      { email: 'Zoe.New@example.org', reason: 'Zoë spelt it on the phone' },
      jane,
    );
    expect(look.body).toContain('From now on emails go to Zoe.New@example.org. Compare it letter by letter.');
    expect(done.statusCode).toBe(200);
    const story = await text(jane);
    expect(story).toContain('Emails go to Z•••@example.org');
    expect(story).toContain('jane asked for “Correct the address” Zoë spelt it on the phone');
    // What somebody wrote may name the patient.
    const forRea = await text(await signIn('rea'));
    expect(forRea).toContain('jane asked for “Correct the address”');
    expect(forRea).not.toMatch(/Zo[eë]|spelt/);
  });

  test('says at once that all email is stopped, and until when it was', async () => {
    const jane = await signIn('jane');
    const [look] = await ask('opt-out', {}, jane);
    expect(look.body).toContain('No email at all goes to this patient’s address any more, results included');
    expect(look.body).not.toContain('No email goes because of it');
    const stopped = await text(jane);
    expect(stopped).toContain('They asked for no email at all: none goes.');
    expect(stopped).toContain('jane asked for “Stop all email”');
    await world.app.inject({
      url: '/admin/kits/123456789012/retry',
      method: 'POST',
      headers: { authorization: `Bearer ${ADMIN}` },
      payload: { lift: true, by: 'omar' },
    });
    const lifted = await text(jane);
    expect(lifted).not.toContain('none goes');
    expect(lifted).toContain('admin-token, for omar asked for “Try again”');
  });

  test.each([
    ['bounced', 'Emails to it came back: none goes.'],
    ['reminders', 'They stopped reminders: none goes.'],
    ['progress', 'They stopped news of how far the sample is: none goes.'],
  ] as const)('says what doesn’t go to the address: %s', async (scope, sentence) => {
    await world.ledger.suppress(world.ledger.addressOf('zoe@example.com'), scope, 'mail:1', world.now);
    expect(await text(await signIn('jane'))).toContain(sentence);
  });

  test('of an email that came back says when', async () => {
    const email = await send({ kind: 'results.available' });
    world.now += 3_600_000;
    await world.ledger.noteOutcome({
      messageId: email?.messageId ?? '',
      what: 'bounced',
      permanent: true,
      cause: 'mail:1',
      at: world.now,
    });
    await comesBack(world.intake, { subject: 'kit:123456789012', kind: 'results.available', at: world.now });
    const jane = await signIn('jane');
    expect(await text(jane)).toContain(
      'was not reached: the email that results are ready came back on 24 November at 13:00',
    );
    expect((await get('/desk/came-back', jane)).body).toContain(`<a href="${PATH}">Kit 123456789012</a>`);
  });

  test('of a forgotten patient says of no address any more that it is known', async () => {
    const pia = await signIn('pia');
    await post(`${PATH}/erase`, fieldsOf(await get(`${PATH}/erase`, pia)), pia);
    await seen(world.database, world.sealing, { subject: 'kit:2', person: person() });
    expect(await text(pia)).not.toContain('Emails go to');
    expect((await get('/desk/kits/2', pia)).body).toContain('Emails go to');
  });

  test.each([
    [{ reason: 'ok', email: 'new@example.com' }, 'Why: must have at least 3 characters'],
    [{ email: 'no address' }, 'The right address: must be one address that mail can go to'],
    [{ email: 'new@example.com', firstName: 'x'.repeat(101) }, 'First name: must have at most 100 characters'],
  ])('says of a form that can’t be taken which field and why: %j', async (fields, sentence) => {
    const jane = await signIn('jane');
    const form = fieldsOf(await get(`${PATH}/correct-contact`, jane));
    const answer = await post(`${PATH}/correct-contact/look`, { ...form, ...fields }, jane);
    expect([answer.statusCode, answer.body.includes(sentence)]).toEqual([400, true]);
  });
});
