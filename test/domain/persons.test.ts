import { describe, expect, test } from '@jest/globals';
import fc from '../support/properties.js';
import { namePartsOf, traceOf } from '../../src/domain/people.js';
import {
  addressesThatCount,
  isRuledOut,
  namesAgree,
  namesConflict,
  type Named,
  type Seen,
} from '../../src/domain/persons.js';

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
      [seen(['Jane', null, 'a'], ['John', 'Doe', 'b']), true],
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

describe('what a human has ruled', () => {
  /** Named one after another, a minute apart; `by` is the operator's word. */
  type Block = readonly [who: 'patient' | 'by', name: string | null, address: string | null];
  const told = (...blocks: readonly Block[]): Seen[] =>
    blocks.map(([who, name, address], index) => ({
      seq: index + 1,
      at: (index + 1) * 60_000,
      name: name === null ? null : parts(name.split(' ') as [string, string]),
      address,
      byOperator: who === 'by',
    }));
  const counting = (seen: readonly Seen[]) => addressesThatCount(seen).map(({ address }) => address);
  const last = (seen: readonly Seen[]): Seen => {
    const one = seen.at(-1);
    if (one === undefined) throw new Error('nobody was named');
    return one;
  };

  test.each<readonly [string, Seen[]]>([
    ['a name', told(['patient', 'Jane Smith', 'a'], ['patient', 'John Doe', 'b'], ['by', 'Jane Smith', 'c'])],
    [
      'an address that one of them has',
      told(['patient', 'Jane Smith', 'a'], ['patient', 'John Doe', 'b'], ['by', null, 'a']),
    ],
    [
      'a name, once more',
      told(
        ['patient', 'Jane Smith', 'a'],
        ['patient', 'John Doe', 'b'],
        ['by', 'John Doe', 'd'],
        ['by', 'Jane Smith', 'a'],
      ),
    ],
  ])('by %s: who is meant goes on to count, at any address, and the other changes nothing', (_how, ruled) => {
    const since = (...more: readonly Block[]) => [
      ...ruled,
      ...told(...more).map((one, index) => ({ ...one, seq: ruled.length + 1 + index, at: one.at + 3_600_000 })),
    ];
    expect(namesConflict(ruled)).toBe(false);
    expect(counting(ruled)).toEqual([last(ruled).address]);

    for (const address of ['b', 'new', null]) {
      const ruledOut = since(['patient', 'John Doe', address]);
      expect(namesConflict(ruledOut)).toBe(false);
      expect(isRuledOut(last(ruledOut), ruledOut)).toBe(true);
      expect(counting(ruledOut)).toEqual([last(ruled).address]);
    }
    for (const name of ['Jane Smith', 'JANE S.', null]) {
      const moved = since(['patient', name, 'new']);
      expect(namesConflict(moved)).toBe(false);
      expect(isRuledOut(last(moved), moved)).toBe(false);
      expect(counting(moved)).toEqual(['new', last(ruled).address]);
    }
    // The same address is the same person, however the name is spelled.
    const spelled = since(['patient', 'Jone Smyth', last(ruled).address]);
    expect(namesConflict(spelled)).toBe(false);
    expect(isRuledOut(last(spelled), spelled)).toBe(false);

    const third = since(['patient', 'Mary Major', 'e']);
    expect(namesConflict(third)).toBe(true);
    expect(isRuledOut(last(third), third)).toBe(false);
  });

  test('by an address nobody had, it is the one person who was named', () => {
    const one = told(['patient', 'Jane Smith', 'a'], ['by', null, 'c'], ['patient', 'Jane Smith', 'd']);
    expect(namesConflict(one)).toBe(false);
    expect(counting(one)).toEqual(['d', 'c']);
    expect(namesConflict([...one.slice(0, 2), { ...last(told(['patient', 'John Doe', 'd'])), seq: 3 }])).toBe(true);
  });

  test('by an address nobody had, it is neither of two who were named, and a third is a new conflict', () => {
    const two = told(['patient', 'Jane Smith', 'a'], ['patient', 'John Doe', 'b'], ['by', null, 'c']);
    expect(namesConflict(two)).toBe(false);
    for (const name of ['Jane Smith', 'John Doe']) {
      const again = [...two, { ...last(told(['patient', name, 'new'])), seq: 4, at: 3_600_000 }];
      expect(isRuledOut(last(again), again)).toBe(true);
      expect(namesConflict(again)).toBe(false);
      expect(counting(again)).toEqual(['c']);
    }
    expect(namesConflict([...two, { ...last(told(['patient', 'Mary Major', 'e'])), seq: 4 }])).toBe(true);
  });

  test('before anybody was named rules nobody out: the first who is named counts, a second is a conflict', () => {
    const first = told(['patient', null, 'a'], ['by', null, 'c'], ['patient', 'Jane Smith', 'd']);
    expect(namesConflict(first)).toBe(false);
    expect(isRuledOut(last(first), first)).toBe(false);
    expect(counting(first)).toEqual(['d', 'c']);
    expect(namesConflict([...first, { ...last(told(['patient', 'John Doe', 'e'])), seq: 4 }])).toBe(true);
  });

  test('makes nothing of what was seen before it: that is not ruled out, it is beaten', () => {
    const seen = told(['patient', 'John Doe', 'b'], ['patient', 'Jane Smith', 'a'], ['by', 'Jane Smith', 'c']);
    const [john] = seen;
    expect(john && isRuledOut(john, seen)).toBe(false);
    const by = last(seen);
    expect(isRuledOut(by, seen)).toBe(false);
  });
});

describe('the address that counts most', () => {
  const at = (seq: number, time: number, address: string, byOperator = false): Seen => ({
    seq,
    at: time,
    address,
    name: byOperator ? null : parts(['Jane', 'Smith']),
    byOperator,
  });

  test('is the newest by the fact’s own time; arrival decides between equals', () => {
    expect(addressesThatCount([at(1, 20, 'a'), at(2, 10, 'b'), at(3, 20, 'c')]).map(({ address }) => address)).toEqual([
      'c',
      'a',
      'b',
    ]);
  });

  test('is an operator’s, also when the partner goes on telling an older one, or the same', () => {
    const seen = [at(1, 10, 'a'), at(2, 20, 'b', true), at(3, 30, 'a'), at(4, 40, 'b')];
    expect(addressesThatCount(seen).map(({ seq }) => seq)).toEqual([4, 2]);
    expect(addressesThatCount([at(1, 10, 'a'), at(2, 20, 'a', true)]).map(({ seq }) => seq)).toEqual([2]);
  });
});
