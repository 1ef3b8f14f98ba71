import type { ParcelTracking } from '../domain/arrivals.js';
import { KINDS, topicOf, type JourneyKind, type Topic } from '../domain/kinds.js';
import type { Brand, EmailInput } from './types.js';
import { trackingOf, type KnownParcel } from './carriers.js';
import { greetingName } from './greeting-name.js';
import type { Palette, Theme } from './theme.js';
import { isBelievable, knownZone, readEstimate, writeDate, type DateShape } from './wording/dates.js';
import type { MessageKey } from './wording/en.js';
import { chooseLocale, directionOf, type Values, type Wording } from './wording/wording.js';

/** What the parts and templates of one email are made from; everything in it is safe to show. */
export interface Mail {
  /** The kind whose text it has: the first word of results is one text, whichever kind goes. */
  readonly template: JourneyKind;
  readonly brand: Brand;
  readonly theme: Theme;
  /** The light palette: what is written inline. */
  readonly colours: Palette;
  readonly locale: string;
  readonly dir: 'ltr' | 'rtl';
  /** Says a message with this email's own values, and further ones. */
  readonly say: (key: MessageKey, more?: Values) => string;
  /** Whether the reader got it for an order or for a kit: why this address gets it. */
  readonly about: (typeof KINDS)[JourneyKind]['about'];
  /** The barcode's last four. */
  readonly lastFour: string;
  /** The subject without the kit's last four. */
  readonly heading: string;
  readonly preheader: string;
  readonly greeting: string;
  readonly portal: string;
  /** The stop page, and what it stops; null for what can't be stopped. */
  readonly stop: { readonly url: string; readonly topic: Topic } | null;
  readonly parcels: readonly ParcelLine[];
}

/** One parcel as the email tells it. */
export interface ParcelLine extends KnownParcel {
  /** When it should arrive, as the reader writes a day; null where unknown or past. */
  readonly day: string | null;
}

export interface TemplateProps {
  readonly mail: Mail;
}

interface MailContext {
  readonly brand: Brand;
  readonly theme: Theme;
  readonly wording: Wording;
}

/** Everything that may be shown, made safe: after this nothing in an email is as it came from outside. */
export function prepareMail(input: EmailInput, template: JourneyKind, { brand, theme, wording }: MailContext): Mail {
  const { locale, region } = chooseLocale(input.person?.locale ?? null, wording.locales, brand.defaultLocale);
  const zone = knownZone(input.person?.zone ?? null, brand.defaultZone);
  const write = (time: number, shape: DateShape, inZone = zone): string =>
    writeDate(time, { region, zone: inZone, shape, at: input.at });

  const parcels = parcelsOf(input, zone, write);
  const values = {
    parcels: Math.max(1, parcels.length),
    ...datesOf(input, write),
    k: lastFour(input.barcode ?? ''),
    kits: Math.max(1, kitsIn(input.parcels)),
  };
  const saying = wording.in(locale);
  const say: Mail['say'] = (key, more) => saying(key, more === undefined ? values : { ...values, ...more });
  const name = greetingName(input.person?.firstName ?? null);
  const topic = topicOf(input.kind);
  return {
    template,
    brand,
    theme,
    colours: theme.light,
    locale,
    dir: directionOf(locale),
    say,
    about: KINDS[template].about,
    lastFour: values.k,
    heading: say(`${template}.subject`),
    preheader: say(`${template}.preheader`),
    greeting: name === null ? say('greeting.plain') : say('greeting.named', { name }),
    portal: brand.portalUrl,
    stop: topic === null ? null : { topic, url: input.stopUrl(topic) },
    parcels,
  };
}

/** The subject line; a kit's carries its last four, so that kits in one inbox are told apart. */
export function subjectOf(mail: Mail): string {
  return mail.about === 'kit' ? mail.say('subject.kit', { subject: mail.heading }) : mail.heading;
}

type Write = (time: number, shape: DateShape, zone?: string) => string;

/** Dates as messages take them; `dated` and `due` say whether they are known, and not past where they are a promise. */
function datesOf({ times, at }: EmailInput, write: Write): Values {
  const { shippedAt, expectedCompletion } = times;
  const dated = shippedAt !== null && isBelievable(shippedAt);
  const due = expectedCompletion !== null && isBelievable(expectedCompletion) && expectedCompletion > at;
  return {
    dated: dated ? 'yes' : 'no',
    date: dated ? write(shippedAt, 'date') : '',
    due: due ? 'yes' : 'no',
    day: due ? write(expectedCompletion, 'date') : '',
  };
}

const kitsIn = (parcels: readonly ParcelTracking[]): number => new Set(parcels.map(({ barcode }) => barcode)).size;

/** A parcel may hold several kits: each parcel once, at most ten of them. */
function parcelsOf({ parcels, times, at }: EmailInput, zone: string, write: Write): ParcelLine[] {
  const lines = new Map<string, ParcelLine>();
  for (const parcel of parcels) {
    const known = trackingOf(parcel);
    const estimate = readEstimate(parcel.estimatedDelivery, zone);
    const day = estimate !== null && estimate.endsAt > at ? write(estimate.time, 'day', estimate.zone) : null;
    lines.set(`${known.carrier ?? ''} ${known.number ?? ''} ${day ?? ''}`, { ...known, day });
  }
  if (lines.size > 0) return [...lines.values()].slice(0, MOST_PARCELS);
  const { expectedDelivery } = times;
  if (expectedDelivery === null || !isBelievable(expectedDelivery) || expectedDelivery <= at) return [];
  return [{ carrier: null, number: null, page: null, day: write(expectedDelivery, 'day') }];
}

const MOST_PARCELS = 10;

/** The last four letters or digits: how a person with several kits tells them apart, and all that is shown of it. */
function lastFour(barcode: string): string {
  const signs = barcode.toUpperCase().replace(/[^A-Z0-9]/g, '');
  return signs === '' ? '????' : signs.slice(-4);
}
