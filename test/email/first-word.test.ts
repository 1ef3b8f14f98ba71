import { expect, test } from '@jest/globals';
import { createEmails } from '../../src/email/compose.js';
import type { EmailInput } from '../../src/email/types.js';
import { BRAND, emailInput } from './fixtures.js';

const emails = createEmails({ brand: BRAND });

test('the first word of results is the same bytes, whichever kind goes first and in every language', async () => {
  for (const locale of ['en', 'es', 'fr', 'de']) {
    const about = (changes: Partial<EmailInput>): EmailInput =>
      emailInput({
        firstWord: true,
        person: { firstName: 'Jane', lastName: 'Smith', email: null, locale, zone: null },
        ...changes,
      });
    const available = await emails.compose(about({ kind: 'results.available' }));
    const reviewed = await emails.compose(about({ kind: 'results.reviewed' }));
    expect(Buffer.from(JSON.stringify(reviewed))).toEqual(Buffer.from(JSON.stringify(available)));
  }
});

test('a review as second word is another text', async () => {
  const first = await emails.compose(emailInput({ kind: 'results.reviewed', firstWord: true }));
  const second = await emails.compose(emailInput({ kind: 'results.reviewed', firstWord: false }));
  expect(second.subject).not.toBe(first.subject);
  expect(second.text).toContain('A doctor has now reviewed');
});
