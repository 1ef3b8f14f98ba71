import { describe, expect, test } from '@jest/globals';
import { isSecret } from '../../src/access/secrets.js';
import { entryOf } from '../../src/cli/users.js';
import { readUser } from '../../src/config/users.js';

describe('an entry of USERS', () => {
  test('is read again, and holds the secret as a hash only', async () => {
    const secret = 'fifteen letters';
    const entry = await entryOf('jane', 'support', secret);
    expect(entry).not.toContain(secret);
    const user = readUser(entry);
    if (typeof user === 'string') throw new Error(user);
    expect(user).toMatchObject({ name: 'jane', role: 'support', secret: { logN: 16, r: 8, p: 2 } });
    expect(await isSecret(secret, user.secret)).toBe(true);
    expect(await isSecret(`${secret}.`, user.secret)).toBe(false);
  });

  test.each([
    ['fewer than 15 characters', 'x'.repeat(14)],
    ['more than 200', 'x'.repeat(201)],
    ['none', ''],
  ])('is not made of a secret of %s', async (_what, secret) => {
    await expect(entryOf('jane', 'support', secret)).rejects.toThrow('must have 15 to 200 characters');
  });
});
