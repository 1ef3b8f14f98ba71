import { describe, expect, test } from '@jest/globals';
import { escapeHtml } from '../../src/email/escape-html.js';
import { KIT } from '../ledger/support.js';
import { deskUnderTest } from './support.js';

describe('searching at the desk', () => {
  const { world, get, post, signIn, fieldsOf, acts } = deskUnderTest();

  const search = async (q: string) => {
    const cookie = await signIn('jane');
    return await post('/desk/search', { ...fieldsOf(await get('/desk', cookie)), q }, cookie);
  };

  test.each([
    ['a barcode', '123456789012'],
    ['a barcode with blanks about it, as a scanner may add them', ' 123456789012\r\n'],
    ['an address, however it is written', ' ZOE@Example.com '],
  ])('finds by %s', async (_what, q) => {
    const { statusCode, headers } = await search(q);
    // Of one: to a page that can be loaded again and gone back to, and that names no address.
    expect([statusCode, headers.location]).toEqual([303, '/desk/kits/123456789012']);
    const rows = await world.database.query<{ about: Buffer }>(`select about from audit where act = 'told'`);
    expect(rows.map(({ about }) => about)).toEqual([world.sealing.hash('subject', KIT)]);
  });

  test.each([
    ['%'],
    ['_'],
    ['*'],
    ['12345678901%'],
    ['12345678901_'],
    ['%@example.com'],
    ['z*@example.com'],
    ["' or 1=1 --"],
    ['"123456789012"'],
    ["123456789012'"],
    ['\\'],
    ['<script>alert(1)</script>'],
    ['💉\u202e'],
    ['nobody@example.com'],
    ['x'.repeat(400)],
    ['1'.repeat(10_000)],
    [`${'a'.repeat(10_000)}@example.com`],
  ])('takes %.30s as it is, finds nobody and says so', async (q) => {
    const { statusCode, body } = await search(q);
    expect(statusCode).toBe(404);
    expect(body).toContain('Nothing was found');
    expect(body).not.toMatch(/<script|123456789012<|Kit 1/);
    expect(body).toContain(`value="${escapeHtml(q.trim().slice(0, 400))}"`);
    expect(await acts()).toEqual(['jane sign_in done', 'jane told not_found']);
  });

  test.each([
    ['NUL', '123456789012\0', 400],
    ['nothing', '', 400],
    ['blanks', '  ', 400],
    ['more than is taken in', '1'.repeat(70_000), 413],
  ])('refuses %s in words, as a page', async (_what, q, status) => {
    const { statusCode, body, headers } = await search(q);
    expect(statusCode).toBe(status);
    expect(headers['content-type']).toContain('text/html');
    expect(body).toContain('That did not work');
    expect(body).not.toMatch(/expected string|Kit 1/);
  });

  test('refuses two terms at once', async () => {
    const cookie = await signIn('jane');
    const { _csrf = '' } = fieldsOf(await get('/desk', cookie));
    const answer = await world.app.inject({
      url: '/desk/search',
      method: 'POST',
      headers: { cookie, 'content-type': 'application/x-www-form-urlencoded' },
      payload: `_csrf=${_csrf}&q=123456789012&q=2`,
    });
    expect(answer.statusCode).toBe(400);
  });

  test.each([
    ['kits', '\0', 400],
    ['kits', '%', 400],
    ['kits', '_', 404],
    ['kits', "' or 1=1 --", 400],
    ['kits', '1'.repeat(200), 400],
    ['kits', '1'.repeat(10_000), 404],
    ['orders', '<script>', 400],
    ['emails', '<%@_>', 404],
    ['emails', 'x'.repeat(10_000), 404],
    ['webhooks', "' or 1=1 --", 404],
    ['webhooks', '%', 404],
    ['erasures', 'erase_%', 400],
    ['nothing', 'of this', 404],
  ])('finds nobody under an address that is made up: /desk/%s/%.20s', async (what, name, status) => {
    const answer = await get(`/desk/${what}/${encodeURIComponent(name)}`, await signIn('boss'));
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([status, 'text/html; charset=utf-8']);
    expect(answer.body).not.toContain('<script>');
  });
});
