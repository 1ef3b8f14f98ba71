import { describe, expect, test } from '@jest/globals';
import fc from '../support/properties.js';
import { contrast, createTheme, readableOn, type Colour } from '../../src/email/theme.js';

const colour = fc.integer({ min: 0, max: 0xffffff }).map((value): Colour => `#${value.toString(16).padStart(6, '0')}`);

describe('the theme', () => {
  test('measures contrast as WCAG does', () => {
    expect(contrast('#000000', '#ffffff')).toBeCloseTo(21);
    expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
  });

  test('can be read under any brand’s colour, by day and by night: WCAG AA for every text on its background', () => {
    fc.assert(
      fc.property(colour, (brand) => {
        const { light, dark } = createTheme(brand);
        for (const { page, card, tint, text, muted, accent, button, onButton } of [light, dark]) {
          for (const [above, background] of [
            [text, card],
            [text, tint],
            [text, page],
            [muted, card],
            [muted, page],
            [accent, card],
            [accent, tint],
            [accent, page],
            [onButton, button],
          ] as const)
            expect(contrast(above, background)).toBeGreaterThanOrEqual(4.5);
          // What can be pressed stands out from its background.
          expect(contrast(button, card)).toBeGreaterThanOrEqual(3);
        }
      }),
    );
  });

  test('leaves a colour as it is where it can be read', () => {
    expect(readableOn('#0b5c6b', '#ffffff')).toBe('#0b5c6b');
  });
});
