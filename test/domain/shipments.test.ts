import { beforeEach, describe, expect, test } from '@jest/globals';
import { shippedAt, shippedLaterThan, siblingsShippedLater } from '../../src/domain/shipments.js';
import { createFacts, DAY, START } from '../support/facts.js';

let make: ReturnType<typeof createFacts>;
beforeEach(() => {
  make = createFacts('kit:1');
});

const shipped = (days: number, ...barcodes: string[]) => make.fact('order.shipped', days, { barcodes });

describe('kits that were shipped later than one', () => {
  test('are all replacements, the earliest first, and none of those that came with it', () => {
    expect(siblingsShippedLater('kit:1', [shipped(0, '1', '2'), shipped(9, '4'), shipped(5, '3')])).toEqual(['3', '4']);
  });

  test('are never the kit itself, however often its own barcode is shipped', () => {
    const facts = [shipped(0, '1'), shipped(5, '1'), shipped(9, '1', '2')];
    expect(shippedAt('1', facts)).toBe(START);
    expect(siblingsShippedLater('kit:1', facts)).toEqual(['2']);
    expect(
      shippedLaterThan(
        '1',
        new Map([
          ['1', START],
          ['2', START + DAY],
        ]),
      ),
    ).toEqual(['2']);
  });

  test('are none where it isn’t known when it was shipped itself', () => {
    expect(siblingsShippedLater('kit:1', [shipped(5, '2')])).toEqual([]);
  });
});
