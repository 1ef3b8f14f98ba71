import { describe, expect, test } from '@jest/globals';
import fc from '../support/properties.js';
import { namePartsOf, traceOf } from '../../src/domain/people.js';
import { namesAgree, namesConflict, type Named } from '../../src/domain/persons.js';

type Name = readonly [first: string | null, last: string | null];
const parts = ([firstName, lastName]: Name) => namePartsOf({ firstName, lastName });
const agree = (one: Name, other: Name): boolean => {
  const [a, b] = [parts(one), parts(other)];
  return a !== null && b !== null && namesAgree(a, b) && namesAgree(b, a);
};

describe('a name is the same', () => {
  test.each<readonly [Name, Name]>([
    [
      ['José', 'García'],
      ['JOSE', 'GARCIA'],
    ],
    [
      ['Mary', "O'Brien"],
      ['Mary', 'O’Brien'],
    ],
    [
      ['Mary', "O'Brien"],
      ['Mary', 'O&#39;Brien'],
    ],
    [
      ['Mary', 'O&apos;Brien'],
      ['Mary', 'OBrien'],
    ],
    [
      ['Mary', 'O&#x27;Brien'],
      ['mary', 'o brien'],
    ],
    [
      ['Jane', 'Smith'],
      ['Jane', null],
    ],
    [
      ['Jane', 'Smith'],
      ['Jane', 'S.'],
    ],
    [
      ['Jane', 'Smith'],
      ['Jane A.', 'Smith'],
    ],
    [
      ['Jane', 'Smith'],
      ['Jane Anne', 'Smith'],
    ],
    [
      ['Ana', 'Lopez-Ruiz'],
      ['Ana', 'Lopez Ruiz'],
    ],
    [
      ['Jane', 'Smith'],
      ['Jane\u200b', 'Smith,'],
    ],
    [
      ['Mary Ann', 'Smith'],
      ['Mary-Ann', 'Smith'],
    ],
    [
      ['Dr. Jane', 'Smith'],
      ['Jane', 'Smith, PhD'],
    ],
    [
      ['John', 'Smith'],
      ['John', 'Smith Jr.'],
    ],
    [
      ['John', 'Smith'],
      ['John', 'Smith III'],
    ],
    [
      ['Jane Smith', null],
      ['Jane', 'Smith'],
    ],
    [
      ['Jane Smith', null],
      [null, 'Jane Smith'],
    ],
    [
      ['Straße', 'Weiß'],
      ['STRASSE', 'WEISS'],
    ],
    [
      ['Søren', 'Kierkegård'],
      ['Soren', 'Kierkegard'],
    ],
    [
      ['Ｊａｎｅ', 'Smith'],
      ['Jane', 'Smith'],
    ],
  ])('%j and %j', (one, other) => {
    expect(agree(one, other)).toBe(true);
  });

  test.each<readonly [Name, Name]>([
    [
      ['Jane', 'Smith'],
      ['John', 'Smith'],
    ],
    [
      ['Jane', 'Smith'],
      ['Jane', 'Smyth'],
    ],
    [
      ['Jane', 'Smith'],
      ['Jan', 'Esmith'],
    ],
    [
      ['Jane Anne', 'Smith'],
      ['Jane Marie', 'Smith'],
    ],
    [
      ['李', '雷'],
      ['李', '梅'],
    ],
  ])('but not %j and %j', (one, other) => {
    expect(agree(one, other)).toBe(false);
  });

  test('one of blanks, signs or titles alone is none', () => {
    for (const name of [
      [null, null],
      ['', '  '],
      ['--', '…'],
      ['Mr', null],
    ] as const)
      expect(parts(name)).toBeNull();
  });

  test('is one with itself, whatever it is, and however long', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (first, last) => {
        const one = parts([first, last]);
        if (one !== null) expect(namesAgree(one, one)).toBe(true);
      }),
    );
    const long = 'é&#39; '.repeat(20_000);
    const started = performance.now();
    parts([long, long]);
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

test('what Temporal may know of a name are short keyed hashes, never a letter of it', () => {
  const hash = (purpose: string, value: string | Buffer) =>
    Buffer.from(`${purpose}:${value.toString()}:0123456789`).subarray(5);
  const person = { firstName: 'Zoë', lastName: 'M', email: null, locale: null, zone: null };
  const { name } = traceOf(person, 'patient', hash);
  expect(Object.keys(name ?? {}).sort()).toEqual(['first', 'full', 'given', 'last']);
  expect(name?.last).toBe('');
  for (const part of [name?.full, name?.given, name?.first]) expect(part).toMatch(/^[\w-]{12}$/);
});

describe('several people', () => {
  const seen = (
    ...people: readonly (readonly [first: string, last: string | null, address: string | null])[]
  ): Named[] =>
    people.map(([first, last, address], index) => ({
      seq: index + 1,
      name: parts([first, last]),
      address,
      byOperator: false,
    }));

  test('are those of another name and another address, in whatever order they are named', () => {
    const move = seen(['Jane', 'Smith', 'a'], ['Jane', 'Smith', 'b'], ['Jane', 'Miller', 'b']);
    const two = seen(['Jane', 'Smith', 'a'], ['John', 'Doe', 'b']);
    const inPart = seen(['Jane', 'Smith', 'a'], ['Jane', null, 'b'], ['Jane', 'Doe', 'c']);
    for (const [people, conflict] of [
      [move, false],
      [two, true],
      // What is told in part fits both, and makes no one of them.
      [inPart, true],
      [seen(['Jane', 'Smith', 'a'], ['Jane', null, 'b']), false],
      [seen(['Jane', 'Smith', null], ['John', 'Doe', null]), true],
    ] as const)
      fc.assert(
        fc.property(fc.shuffledSubarray([...people], { minLength: people.length }), (order) => {
          expect(namesConflict(order.map((one, index) => ({ ...one, seq: index + 1 })))).toBe(conflict);
        }),
        { numRuns: 20 },
      );
  });
});
