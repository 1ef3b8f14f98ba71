/** The language of a tag, in lower case: `es` of `es-MX`. */
const languageOf = (tag: string): string => new Intl.Locale(tag).language;

/** A BCP 47 tag from whatever was given (`es_MX.UTF-8` too), or null. */
function canonical(tag: string | null): string | null {
  const cleaned = (tag ?? '').trim().split(/[.@]/, 1)[0]?.replaceAll('_', '-') ?? '';
  if (cleaned === '' || cleaned.length > 35) return null;
  try {
    return Intl.getCanonicalLocales(cleaned)[0] ?? null;
  } catch {
    return null;
  }
}

export interface ChosenLocale {
  /** The catalogue's. */
  readonly locale: string;
  /** The same language in the person's region, where they told one: `en-GB` writes dates otherwise than `en-US`. */
  readonly region: string;
}

/** The person's language if there is wording in it, else the default. */
export function chooseLocale(wanted: string | null, available: readonly string[], byDefault: string): ChosenLocale {
  const tag = canonical(wanted);
  if (tag === null) return { locale: byDefault, region: byDefault };
  const locale =
    available.find((candidate) => candidate === tag) ??
    available.find((candidate) => languageOf(candidate) === languageOf(tag));
  return locale === undefined ? { locale: byDefault, region: byDefault } : { locale, region: tag };
}

const RIGHT_TO_LEFT = new Set(['ar', 'dv', 'fa', 'he', 'ku', 'ps', 'sd', 'ug', 'ur', 'yi']);

export const directionOf = (locale: string): 'ltr' | 'rtl' => (RIGHT_TO_LEFT.has(languageOf(locale)) ? 'rtl' : 'ltr');
