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

const ALIASES: Readonly<Record<string, string>> = { UK: 'GB', USA: 'US', 'UNITED STATES': 'US', CANADA: 'CA' };

/**
 * The zone of a postal address, from its country (ISO 3166 code) and state; null where these don't tell one. Wrong by
 * an hour for some people of states that a zone border crosses, which quiet hours can bear.
 */
export function zoneOfAddress(country: string | null, state: string | null): string | null {
  const said = (country ?? '').trim().toUpperCase();
  const code = ALIASES[said] ?? said;
  if (!/^[A-Z]{2}$/.test(code)) return null;
  const states = Object.entries(STATES[code] ?? {});
  if (states.length > 0) {
    const wanted = (state ?? '').trim().toUpperCase();
    return states.find(([, names]) => wanted !== '' && names.split(' ').includes(wanted))?.[0] ?? null;
  }
  return MAINLANDS[code] ?? onlyZoneOf(code);
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
