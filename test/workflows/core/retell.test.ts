import { describe, expect, test } from '@jest/globals';
import { retell } from '../../../workflows/core/retell.js';
import { createFacts, DAY, HOUR, patient, recipient, SETTINGS, START } from '../../support/facts.js';
import { livesUnder, WITHOUT_CLOCKS } from '../../support/simulated.js';

describe('an email that is told again', () => {
  const make = createFacts();
  const facts = [
    make.fact('order.shipped', 0, {
      order: 'A',
      barcodes: ['1'],
      delivery: START + 2 * DAY,
      person: recipient('buyer'),
    }),
    make.fact('kit.registered', 3, { person: patient('jane') }),
    make.fact('kit.received_lab', 4, { completion: START + 9 * DAY }),
    make.fact('kit.processing_started', 5, { completion: START + 12 * DAY }),
    make.fact('results.available', 8, { person: patient('jane') }),
    make.fact('results.reviewed', 9),
  ];

  test('says what it said when it was sent, by what was known then', () => {
    const { sent } = livesUnder(WITHOUT_CLOCKS, 20)(facts);
    expect(sent.map(({ input }) => input.kind)).toEqual(
      expect.arrayContaining(['kit.registered', 'kit.received_lab', 'results.available', 'results.reviewed']),
    );
    for (const { input } of sent) {
      const before = sent.filter((one) => one.input.at < input.at).map((one) => one.input);
      const said = retell(
        {
          subject: input.journey,
          kind: input.kind as never,
          source: input.sourceSeq,
          prior: {
            facts: facts.filter(({ receivedAt }) => receivedAt <= input.at),
            notifications: before.map(({ subject, kind, occurrence, at, sourceSeq }) => ({
              ...{ subject, kind, occurrence, at, source: sourceSeq },
              status: 'sent',
              reason: null,
            })),
          },
          madeAt: input.at,
        },
        SETTINGS,
      );
      const { firstWord, expectedDelivery, expectedCompletion, shippedAt } = input;
      expect([input.kind, said]).toEqual([input.kind, { firstWord, expectedDelivery, expectedCompletion, shippedAt }]);
    }
  });

  test('says less where the fact that it is about isn’t known any more, and fails over nothing', () => {
    const past = {
      subject: 'kit:1',
      kind: 'kit.received_lab',
      source: 99,
      prior: { facts: [], notifications: [] },
      madeAt: START + HOUR,
    } as const;
    expect(retell(past, SETTINGS)).toEqual({
      firstWord: false,
      expectedDelivery: null,
      expectedCompletion: null,
      shippedAt: null,
    });
  });
});
