import { expect, test } from '@jest/globals';
import { sayVerification } from '../../src/cli/verify.js';
import { keyLines } from '../../src/privacy/keys-said.js';

test('keys are said one a line, with which may be removed and which is lost', () => {
  const key = { configured: true, newest: false, rows: {}, removable: false };
  expect(
    keyLines({
      encryption: [
        { ...key, id: 'e3', newest: true, rows: { contacts: 2 } },
        { ...key, id: 'e2', rows: { contacts: 3, inbox_bodies: 1_000_000 } },
        { ...key, id: 'e1', removable: true },
        { ...key, id: 'e0', configured: false, rows: { notifications: 1 } },
      ],
      index: [
        { id: 'i2', configured: true, newest: true, journeys: 0 },
        { id: 'i1', configured: true, newest: false, journeys: 4 },
      ],
    }),
  ).toEqual([
    'ENCRYPTION_KEYS "e3" (newest): 2 contacts',
    'ENCRYPTION_KEYS "e2": 3 contacts, 1000000 or more inbox_bodies; needed until keys rotate has run',
    'ENCRYPTION_KEYS "e1": nothing sealed; may be removed',
    'ENCRYPTION_KEYS "e0": 1 notifications, and it is lost: put it back',
    'INDEX_KEYS "i2" (newest): 0 journeys; in use',
    'INDEX_KEYS "i1": 4 journeys; needed for webhooks and stop links of its time',
  ]);
});

test('what verify found is said, with what it can’t say', () => {
  const fits = {
    fits: true,
    entries: 7,
    unsealed: 2,
    underWay: 1,
    keys: ['ab'],
    sealedAt: '2026-11-24T12:00:00.000Z',
  } as const;
  expect(sayVerification(fits, true).split('\n')).toEqual([
    'All 7 entries fit.',
    'A root signed at 2026-11-24 12:00 UTC or later by the key ab is over them.',
    '2 of them are under no signed root yet: these only fit one another.',
    '1 emails were being sent when it was made.',
  ]);
  expect(sayVerification(fits, false)).toContain('Whose key');
  expect(sayVerification({ ...fits, keys: [], sealedAt: null, unsealed: 7, underWay: 0 }, false)).not.toMatch(/key/);
  expect(sayVerification({ fits: false, fault: 'Entry 3 does not.' }, true)).toBe('It does not fit. Entry 3 does not.');
});
