import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { explore } from './explore.js';
import { NO_SECOND_COPY, PROPERTIES } from './properties.js';
import { DOUBTS, start, type Terms } from './state.js';
import { CATCHES, LONG_SIZES, ONE_FAULT, SIZES } from './sizes.js';
import { TRANSITIONS } from './transitions.js';

const page = readFileSync('docs/send-once.md', 'utf8');
const inWords = new Intl.NumberFormat('en');

/** What befell the attempts of which a second copy came, in any state. */
function windowOf(terms: Terms): string[] {
  const found = new Set<string>();
  explore(start(terms), terms, {
    properties: {},
    onState: ({ notes }) => {
      for (const { came, doubts } of notes)
        if (came > 1) for (const [at, doubt] of DOUBTS.entries()) if ((doubts & (1 << at)) !== 0) found.add(doubt);
    },
  });
  return [...found].sort();
}

describe('the send-once protocol, in whatever order its effects fall', () => {
  const taken = new Set<string>();
  const sizes = Object.entries({ ...SIZES, ...(process.env['MODEL'] === 'long' ? LONG_SIZES : {}) });

  test.each(sizes)(
    'loses nothing, tells the truth, and ends: %s',
    (name, terms) => {
      const explored = explore(start(terms), terms, { properties: PROPERTIES });
      for (const one of explored.taken) taken.add(one);
      expect(explored.violations).toEqual([]);
      expect(explored.endless).toBe(0);
      expect(page).toContain(`| ${name} | ${inWords.format(explored.states)} | ${inWords.format(explored.ends)} |`);
    },
    600_000,
  );

  test('was explored in all that it can do', () => {
    expect([...taken].sort()).toEqual(Object.keys(TRANSITIONS).sort());
  });

  test.each(Object.entries(ONE_FAULT))('leaves one window for a second copy: %s', (_name, { in: terms, window }) => {
    expect(windowOf(terms)).toEqual(window);
  });

  test('can not do without the mark: where that is not granted, a second copy is found, by the shortest way', () => {
    const terms = SIZES['two crashes'] as Terms;
    const { violations } = explore(start(terms), terms, { properties: NO_SECOND_COPY, untilBroken: true });
    expect(violations[0]?.trace.slice(-5)).toEqual(['start_attempt', 'claim', 'begin_hand_over', 'leave', 'take']);
    expect(violations[0]?.state.notes).toMatchObject([{ possiblyDuplicate: true }]);
  });
});

describe('a bug in the protocol is caught', () => {
  test.each(Object.entries(CATCHES))('%s', (bug, { in: terms, by }) => {
    const withBug = { ...terms, bug: bug as keyof typeof CATCHES };
    const { violations } = explore(start(withBug), withBug, {
      properties: { [by]: PROPERTIES[by] },
      untilBroken: true,
    });
    expect(violations.map(({ property }) => property)).toEqual([by]);
  });
});

describe('each transition of the model', () => {
  const ours = Object.entries(TRANSITIONS).flatMap(([name, { says, code }]) =>
    code === null ? [] : [{ name, says, ...code }],
  );

  test.each(ours)('$name is on the page, with its code', ({ says, file, function: declared }) => {
    expect(page).toContain(`| ${says} | \`${file}\` | \`${declared}\` |`);
  });

  test.each(ours)('$name stands for $function in $file', ({ file, function: declared }) => {
    const declaration = new RegExp(
      `^\\s*(export )?(async )?function ${declared}\\b|^\\s*(export )?const ${declared}\\b|^\\s*(async )?${declared}\\(.*\\{$`,
      'm',
    );
    expect(readFileSync(file, 'utf8')).toMatch(declaration);
  });
});
