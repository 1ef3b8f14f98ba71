import { describe, expect, test } from '@jest/globals';
import { certificatePage } from '../../src/privacy/certificate-page.js';
import { certificateOf } from '../../src/privacy/certificate.js';
import type { Erasure } from '../../src/privacy/erasures.js';

const AT = new Date(Date.UTC(2026, 10, 24, 12));
const COUNTS = { webhooks: 3, answers: 1, reports: 0, commands: 2, contacts: 4, emails: 5, facts: 6 };

const erasure = (over: Partial<Erasure> = {}): Erasure => ({
  id: 'erase_1',
  scope: 'email',
  about: Buffer.from('about'),
  askedAt: AT,
  doneAt: AT,
  by: 'Pia <script>alert(1)</script> & "Co"',
  subjects: [
    { subject: 'kit:123456789012', hash: Buffer.from('kit'), doneAt: AT, counts: COUNTS },
    { subject: 'order:C4H-ORD-2024-001234', hash: Buffer.from('order'), doneAt: AT, counts: COUNTS },
  ],
  ...over,
});

describe('a certificate', () => {
  test('sums what went of all subjects, and names each by its ending and hash alone', () => {
    const certificate = certificateOf(erasure(), []);
    expect(certificate.erased.map(({ count }) => count)).toEqual([6, 2, 0, 4, 8, 10, 12]);
    expect(certificate.subjects.map(({ what, ending }) => [what, ending])).toEqual([
      ['kit', '9012'],
      ['order', '1234'],
    ]);
    const text = JSON.stringify(certificate) + certificatePage(certificate);
    expect(text).not.toContain('123456789012');
    expect(text).not.toContain('C4H-ORD-2024-001234');
  });

  test('counts nothing of a subject that waits, and says so on paper', () => {
    const waiting = erasure({
      doneAt: null,
      subjects: [{ subject: 'kit:123456789012', hash: Buffer.from('kit'), doneAt: null, counts: null }],
    });
    const certificate = certificateOf(waiting, []);
    expect(certificate).toMatchObject({ state: 'pending', doneAt: null });
    expect(certificate.erased.every(({ count }) => count === 0)).toBe(true);
    expect(certificatePage(certificate)).toContain('Not finished');
    expect(certificatePage(certificateOf(erasure(), []))).not.toContain('Not finished');
  });

  test('on paper says what stays and why, who else is known, and what backups mean, whatever the asker is called', () => {
    const page = certificatePage(certificateOf(erasure(), ['order:<b>O1']));
    for (const words of ['What stays, and why', 'stops and suppressions', 'Backups', '2026-11-24 12:00 UTC'])
      expect(page).toContain(words);
    expect(page).toContain('order:&lt;b&gt;O1');
    expect(page).toContain('Pia &lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;Co&quot;');
    expect(page).not.toMatch(/<script|https?:/);
  });
});
