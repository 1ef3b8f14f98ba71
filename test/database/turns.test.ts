import { expect, test } from '@jest/globals';
import { createTurns } from '../../src/database/pglite.js';
import fc from '../support/properties.js';

test('with priority one waits for at most one other, and no turn is lost, taken twice or kept from anybody', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 40 }), async (wanting) => {
      const turns = createTurns();
      const went: number[] = [];
      await turns.take(false);
      const all = wanting.map(async (priority, place) => {
        await turns.take(priority);
        went.push(place);
        // Whoever is next may only begin when this one has ended.
        const before = went.length;
        await Promise.resolve();
        expect(went).toHaveLength(before);
        turns.pass();
      });
      turns.pass();
      await Promise.all(all);

      const kinds = (priority: boolean) => went.filter((place) => wanting[place] === priority);
      for (const priority of [true, false]) expect(kinds(priority)).toEqual(kinds(priority).toSorted((a, b) => a - b));
      expect(went).toHaveLength(wanting.length);
      for (const priority of [true, false])
        for (const [nth, place] of kinds(priority).entries())
          expect(went.indexOf(place)).toBeLessThanOrEqual(2 * nth + 1);
      // When all are through, the next comes at once.
      await turns.take(true);
    }),
  );
});
