import { contrast, mix, readableOn, type Colour } from './theme/contrast.js';

export interface Palette {
  readonly page: Colour;
  readonly card: Colour;
  readonly text: Colour;
  readonly muted: Colour;
  readonly line: Colour;
  /** The ground of what you need to do. */
  readonly tint: Colour;
  /** The brand's colour, as it can be read on the card and on the tint. */
  readonly accent: Colour;
  readonly button: Colour;
  readonly onButton: Colour;
}

export interface Theme {
  readonly light: Palette;
  readonly dark: Palette;
}

const INK: Colour = '#1b2329';

/** Both palettes from the brand's one colour, whatever it is: every pair of text and ground reaches WCAG AA. */
export function createTheme(brand: Colour): Theme {
  return {
    light: palette(brand, {
      page: '#f2f4f5',
      card: '#ffffff',
      text: INK,
      muted: '#56626b',
      line: '#dde3e6',
    }),
    dark: palette(brand, {
      page: '#0f1417',
      card: '#192024',
      text: '#e9eef0',
      muted: '#a7b3ba',
      line: '#323c42',
    }),
  };
}

type Grounds = Pick<Palette, 'page' | 'card' | 'text' | 'muted' | 'line'>;

function palette(brand: Colour, grounds: Grounds): Palette {
  // A brand as dark as the card would leave no tint to see: it is moved away from the card first.
  const tint = mix(grounds.card, readableOn(brand, grounds.card), 0.12);
  const button = readableOn(brand, grounds.card, 3);
  return {
    ...grounds,
    tint,
    accent: [grounds.card, grounds.page, tint].reduce((colour, ground) => readableOn(colour, ground), brand),
    button,
    onButton: contrast('#ffffff', button) >= 4.5 ? '#ffffff' : readableOn(INK, button),
  };
}

const FONT = "-apple-system, BlinkMacSystemFont, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";

/** Sizes and faces that every email shares; colours come from the palette. */
export const TYPE = {
  font: FONT,
  heading: { fontSize: '26px', lineHeight: '33px', fontWeight: 700, letterSpacing: '-0.2px' },
  /** A word longer than a phone is wide breaks, instead of widening the page. */
  breaking: { overflowWrap: 'anywhere', wordBreak: 'break-word' },
  lead: { fontSize: '18px', lineHeight: '28px' },
  body: { fontSize: '17px', lineHeight: '26px' },
  label: { fontSize: '15px', lineHeight: '22px', fontWeight: 700 },
  small: { fontSize: '14px', lineHeight: '21px' },
} as const;

/**
 * The style sheet of the head: what inline styles can't say. Clients that drop it (Gmail with a foreign address) show
 * the light palette, which is complete inline. Short, because Gmail drops style sheets over 8,192 characters.
 */
export function styleSheet({ light, dark }: Theme): string {
  const rules = [
    ['page', `background-color:${dark.page}`],
    ['card', `background-color:${dark.card};border-color:${dark.line}`],
    ['text', `color:${dark.text}`],
    ['muted', `color:${dark.muted}`],
    ['line', `border-color:${dark.line}`],
    ['tint', `background-color:${dark.tint}`],
    ['accent', `color:${dark.accent}`],
    ['bar', `background-color:${dark.accent}`],
    ['rest', `background-color:${dark.line}`],
    ['button', `background-color:${dark.button};color:${dark.onButton}`],
  ] as const;
  const important = (style: string): string =>
    style
      .split(';')
      .map((one) => `${one}!important`)
      .join(';');
  const forDark = (prefix: string): string =>
    rules.map(([name, style]) => `${prefix}.kh-${name}{${important(style)}}`).join('');
  return [
    ':root{color-scheme:light dark;supported-color-schemes:light dark}',
    `body{margin:0;padding:0;-webkit-text-size-adjust:100%}.kh-page{background-color:${light.page}}`,
    '@media (max-width:600px){.kh-pad{padding-left:20px!important;padding-right:20px!important}.kh-outer{padding:0!important}.kh-card{border-radius:0!important;border-left:0!important;border-right:0!important}.kh-button{display:block!important;text-align:center!important}}',
    `@media (prefers-color-scheme:dark){${forDark('')}}`,
    forDark('[data-ogsc] '),
  ].join('\n');
}
