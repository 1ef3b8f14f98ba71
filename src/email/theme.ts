/** `#rrggbb` */
export type Colour = `#${string}`;

export interface Palette {
  readonly page: Colour;
  readonly card: Colour;
  readonly text: Colour;
  readonly muted: Colour;
  readonly line: Colour;
  /** The background of what you need to do. */
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

/** Both palettes from the brand's one colour, whatever it is: every pair of text and background reaches WCAG AA. */
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

type BasePalette = Pick<Palette, 'page' | 'card' | 'text' | 'muted' | 'line'>;

function palette(brand: Colour, base: BasePalette): Palette {
  // A brand as dark as the card would leave no tint to see: it is moved away from the card first.
  const tint = mix(base.card, readableOn(brand, base.card), 0.12);
  const button = readableOn(brand, base.card, 3);
  return {
    ...base,
    tint,
    accent: [base.card, base.page, tint].reduce((colour, background) => readableOn(colour, background), brand),
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

const channels = (colour: Colour): number[] => [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));

/** Relative luminance, WCAG 2.2. */
function luminance(colour: Colour): number {
  const [red = 0, green = 0, blue = 0] = channels(colour).map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Contrast ratio of two colours, 1 to 21, WCAG 2.2. Text needs 4.5. */
export function contrast(one: Colour, other: Colour): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

/** `share` of the way from one colour to the other. */
function mix(from: Colour, to: Colour, share: number): Colour {
  const target = channels(to);
  const mixed = channels(from).map((value, at) => Math.round(value + ((target[at] ?? 0) - value) * share));
  return `#${mixed.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}

/** The colour itself if it can be read on `background`, else moved towards black or white until it can. */
export function readableOn(colour: Colour, background: Colour, ratio = 4.5): Colour {
  const goal: Colour = contrast('#000000', background) > contrast('#ffffff', background) ? '#000000' : '#ffffff';
  for (let share = 0; share < 1; share += 0.05) {
    const moved = mix(colour, goal, share);
    if (contrast(moved, background) >= ratio) return moved;
  }
  return goal;
}
