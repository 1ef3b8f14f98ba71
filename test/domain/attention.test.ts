import { describe, expect, test } from '@jest/globals';
import { ATTENTION_CODES, attentionSentence, BY_BUTTONS } from '../../src/domain/attention.js';

describe('what a human is asked to do', () => {
  test.each(ATTENTION_CODES)('about %s is said in whole sentences, also where no email is meant', (code) => {
    for (const voice of [undefined, BY_BUTTONS])
      for (const kind of ['results.available', null, undefined] as const)
        expect(attentionSentence(code, kind, voice)).toMatch(/^[A-Z“].*[a-z”)]\.$/);
  });

  test('is said at the desk by what emails are called, and by no command', () => {
    for (const code of ATTENTION_CODES)
      expect(attentionSentence(code, 'results.available', BY_BUTTONS)).not.toMatch(
        /correct-contact|webhooks show|with lift|results\.available/,
      );
    expect(attentionSentence('bounced', 'results.available', BY_BUTTONS)).toBe(
      'The email “Results are ready” came back. Correct the address, or tell the patient another way and skip.',
    );
  });
});
