import { escapeHtml } from '../email/escape-html.js';

/** HTML that was made by `html`: everything that came from outside is escaped in it. */
export interface Html {
  readonly html: string;
}

type Part = Html | string | number | null | false | readonly Part[];

const written = (part: Part): string => {
  if (part === null || part === false) return '';
  if (typeof part === 'string' || typeof part === 'number') return escapeHtml(String(part));
  return 'html' in part ? part.html : part.map(written).join('');
};

/** Template tag: what stands in the template is HTML, what is put in is text, unless it was made by this tag too. */
export const html = (template: TemplateStringsArray, ...parts: readonly Part[]): Html => ({
  html: template.map((text, at) => text + written(parts[at] ?? null)).join(''),
});
