import { isZone } from '../domain/zones.js';
import { iso31661, iso31662 } from 'iso-3166';
import { WINDOWS_TO_IANA_MAP } from 'windows-iana';

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

/** Made when it is first asked for: whoever starts needn't wait for it. */
function once<Made>(make: () => Made): () => Made {
  let made: { readonly value: Made } | null = null;
  return () => (made ??= { value: make() }).value;
}

/**
 * An IANA time zone that exists, as it came but for blanks (`America/New York`), or that of a Windows zone
 * (`Eastern Standard Time`); null for anything else.
 */
export const readZone = remembering((text) => {
  const named = text.replaceAll(/\s+/g, '_');
  return existing(ZONE.test(named) ? named : null) ?? existing(windowsZones().get(text.toLowerCase()) ?? null);
});

const existing = (zone: string | null): string | null => (zone !== null && isZone(zone) ? zone : null);

/** CLDR's table; the zone of the territory 001 is the one that stands for all. */
const windowsZones = once(
  (): ReadonlyMap<string, string | undefined> =>
    new Map(
      WINDOWS_TO_IANA_MAP.filter(({ territory }) => territory === '001').map(({ windowsName, iana }) => [
        windowsName.toLowerCase(),
        iana[0],
      ]),
    ),
);

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

/** Where one country has several zones: the zone in which most people of that state live. */
const STATES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  US: {
    'America/New_York': 'CT DC DE FL GA IN KY MA MD ME MI NC NH NJ NY OH PA RI SC VA VT WV',
    'America/Chicago': 'AL AR IA IL KS LA MN MO MS ND NE OK SD TN TX WI',
    'America/Denver': 'CO ID MT NM UT WY',
    'America/Phoenix': 'AZ',
    'America/Los_Angeles': 'CA NV OR WA',
    'America/Anchorage': 'AK',
    'Pacific/Honolulu': 'HI',
    'America/Puerto_Rico': 'PR VI',
    'Pacific/Guam': 'GU MP',
  },
  CA: {
    'America/St_Johns': 'NL',
    'America/Halifax': 'NB NS PE',
    'America/Toronto': 'ON QC',
    'America/Winnipeg': 'MB',
    'America/Regina': 'SK',
    'America/Edmonton': 'AB NT',
    'America/Vancouver': 'BC',
    'America/Whitehorse': 'YT',
  },
  AU: {
    'Australia/Sydney': 'ACT NSW',
    'Australia/Melbourne': 'VIC',
    'Australia/Hobart': 'TAS',
    'Australia/Brisbane': 'QLD',
    'Australia/Adelaide': 'SA',
    'Australia/Darwin': 'NT',
    'Australia/Perth': 'WA',
  },
};

/** Countries whose other zones hold a village or an island: nearly everybody lives in this one. */
const MAINLANDS: Readonly<Record<string, string>> = {
  AR: 'America/Argentina/Buenos_Aires',
  CN: 'Asia/Shanghai',
  DE: 'Europe/Berlin',
  ES: 'Europe/Madrid',
  NZ: 'Pacific/Auckland',
  PT: 'Europe/Lisbon',
};

/** What people call a country, beside its names in four languages and its ISO codes. */
const COUNTRY_ALIASES: Readonly<Record<string, string>> = {
  america: 'US',
  britain: 'GB',
  england: 'GB',
  greatbritain: 'GB',
  holland: 'NL',
  northernireland: 'GB',
  scotland: 'GB',
  uk: 'GB',
  wales: 'GB',
};

/** … and a state. */
const STATE_ALIASES: Readonly<Record<string, string>> = {
  newfoundland: 'NL',
  labrador: 'NL',
  pei: 'PE',
  usvirginislands: 'VI',
  virginislands: 'VI',
  washingtondc: 'DC',
  yukonterritory: 'YT',
};

/** In one spelling, whatever its accents, case, blanks and points. */
const plain = (name: string): string =>
  name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '');

/** The languages in which countries are read by name: those in which we write. */
const LANGUAGES = ['en', 'es', 'fr', 'de'];

/** ISO 3166-1 by two letters, three letters, official name, and name in everyday use. */
const countries = once(
  (): ReadonlyMap<string, string> =>
    new Map([
      ...LANGUAGES.flatMap((language) => {
        const names = new Intl.DisplayNames(language, { type: 'region' });
        return iso31661.map(({ alpha2 }) => [plain(names.of(alpha2) ?? alpha2), alpha2] as const);
      }),
      ...iso31661.flatMap(({ alpha2, alpha3, name }) =>
        [name, alpha3, alpha2].map((said) => [plain(said), alpha2] as const),
      ),
      ...Object.entries(COUNTRY_ALIASES),
    ]),
);

/** ISO 3166-2 of the countries above, by code and name. */
const stateNames = once((): Readonly<Record<string, ReadonlyMap<string, string>>> =>
  Object.fromEntries(
    Object.keys(STATES).map((country) => [
      country,
      new Map([
        ...Object.entries(STATE_ALIASES),
        ...iso31662
          .filter(({ code }) => code.startsWith(`${country}-`))
          .flatMap(({ code, name }) => {
            const short = code.slice(country.length + 1);
            return [name, code, short].map((said) => [plain(said), short] as const);
          }),
      ]),
    ]),
  ),
);

/**
 * The zone of a postal address, from its country and state, each as its ISO 3166 code or by its name; null where these
 * don't tell one. Wrong by an hour for some people of states that a zone border crosses, which quiet hours can bear.
 */
export function zoneOfAddress(country: string | null, state: string | null): string | null {
  const code = countries().get(plain((country ?? '').slice(0, 100)));
  if (code === undefined) return null;
  const states = Object.entries(STATES[code] ?? {});
  if (states.length === 0) return MAINLANDS[code] ?? onlyZoneOf(code);
  const wanted = stateNames()[code]?.get(plain((state ?? '').slice(0, 100)));
  return states.find(([, names]) => wanted !== undefined && names.split(' ').includes(wanted))?.[0] ?? null;
}

/** Node 20 has the zones as a property, later versions as a method. */
function onlyZoneOf(country: string): string | null {
  const locale = new Intl.Locale(`und-${country}`) as Intl.Locale & {
    readonly timeZones?: readonly string[];
    getTimeZones?: () => readonly string[] | undefined;
  };
  const zones = locale.getTimeZones?.() ?? locale.timeZones ?? [];
  return zones.length === 1 ? (zones[0] ?? null) : null;
}
