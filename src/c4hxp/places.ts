const ZONE = /^[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+){0,3}$/;
const LOCALE = /^[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,4}$/;
const REMEMBERED = 1_000;

/** Remembers answers: making an Intl object takes longer than all else about a webhook. */
function remembering(find: (text: string) => string | null): (text: unknown) => string | null {
  const answers = new Map<string, string | null>();
  return (text) => {
    if (typeof text !== 'string' || text.length > 64) return null;
    const known = answers.get(text);
    if (known !== undefined) return known;
    const answer = find(text.trim());
    if (answers.size >= REMEMBERED) answers.clear();
    answers.set(text, answer);
    return answer;
  };
}

/** An IANA time zone that exists, as it came; null for anything else. */
export const readZone = remembering((text) => {
  if (!ZONE.test(text)) return null;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone === '' ? null : text;
  } catch {
    return null;
  }
});

/** A locale of a language that exists, in its canonical spelling (`en_us` is `en-US`); null for anything else. */
export const readLocale = remembering((text) => {
  if (!LOCALE.test(text)) return null;
  try {
    const [locale] = Intl.getCanonicalLocales(text.replaceAll('_', '-'));
    return locale !== undefined && Intl.DateTimeFormat.supportedLocalesOf(locale).length > 0 ? locale : null;
  } catch {
    return null;
  }
});
