import { KINDS } from '../../domain/kinds.js';
import type { Brand, ComposedEmail } from '../../email/types.js';
import { createEmails } from '../../email/compose.js';
import type { Overrides } from '../../email/overrides.js';
import { createWording } from '../../email/wording/wording.js';
import { ODD_CASES, STAFF_CASE, USUAL_CASES } from './cases.js';
import { withPseudoRtl } from './pseudo-rtl.js';

export interface Exhibit {
  /** `results-available.es`: unique, and fit for a URL and a file name. */
  readonly id: string;
  readonly name: string;
  /** What a person would call an email of its kind. */
  readonly title: string;
  readonly locale: string;
  readonly email: ComposedEmail;
}

/** Every email in every language, the made-up right-to-left one included, with usual and with hostile data. */
export async function composeGallery(
  brand: Brand,
  { wording = createWording(), templates }: Partial<Overrides> = {},
): Promise<Exhibit[]> {
  const everyLanguage = withPseudoRtl(wording);
  const emails = createEmails({ brand, wording: everyLanguage, ...(templates === undefined ? {} : { templates }) });
  const exhibits: Exhibit[] = [];
  for (const { name, input } of [...USUAL_CASES, ...ODD_CASES])
    for (const locale of everyLanguage.locales)
      exhibits.push({
        id: `${slug(name)}.${locale}`,
        name,
        title: KINDS[input.kind].title,
        locale,
        email: await emails.compose({
          ...input,
          // Nobody known: then the brand's default locale is the only one.
          person: input.person === null ? null : { ...input.person, locale },
        }),
      });
  const { name, input } = STAFF_CASE;
  exhibits.push({
    id: `${slug(name)}.en`,
    name,
    title: KINDS[input.kind].title,
    locale: 'en',
    email: await emails.compose(input),
  });
  return exhibits;
}

const slug = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]+/g, '-');

/** The same email as clients show it in the dark, for browsers that are in the light. */
export const inTheDark = (html: string): string => html.replaceAll('(prefers-color-scheme:dark)', 'all');
