import type { ParcelTracking } from '../domain/arrivals.js';

interface Carrier {
  readonly name: string;
  /** As carriers are spelled in the wild, in lower case without blanks and punctuation. */
  readonly spellings: readonly string[];
  /** The carrier's own public page for one parcel. */
  readonly page: (number: string) => string;
}

/** Links of an email go to these hosts only: whoever can write a carrier's name into a webhook can't choose one. */
const CARRIERS: readonly Carrier[] = [
  {
    name: 'FedEx',
    spellings: ['fedex', 'fedexground', 'fedexexpress', 'fedexhomedelivery'],
    page: (number) => `https://www.fedex.com/fedextrack/?trknbr=${number}`,
  },
  { name: 'UPS', spellings: ['ups'], page: (number) => `https://www.ups.com/track?tracknum=${number}` },
  {
    name: 'USPS',
    spellings: ['usps', 'uspostalservice', 'unitedstatespostalservice'],
    page: (number) => `https://tools.usps.com/go/TrackConfirmAction?tLabels=${number}`,
  },
  {
    name: 'DHL',
    spellings: ['dhl', 'dhlexpress', 'dhlecommerce', 'dhlparcel', 'dhlpaket'],
    page: (number) => `https://www.dhl.com/en/express/tracking.html?AWB=${number}`,
  },
  {
    name: 'Royal Mail',
    spellings: ['royalmail'],
    page: (number) => `https://www.royalmail.com/track-your-item#/tracking-results/${number}`,
  },
  {
    name: 'Canada Post',
    spellings: ['canadapost', 'postescanada'],
    page: (number) => `https://www.canadapost-postescanada.ca/track-reperage/en#/details/${number}`,
  },
  {
    name: 'Correos',
    spellings: ['correos', 'correosexpress'],
    page: (number) => `https://www.correos.es/es/es/herramientas/localizador/envios/detalle?tracking-number=${number}`,
  },
  {
    name: 'La Poste',
    spellings: ['laposte', 'colissimo'],
    page: (number) => `https://www.laposte.fr/outils/suivre-vos-envois?code=${number}`,
  },
  {
    name: 'Deutsche Post',
    spellings: ['deutschepost'],
    page: (number) => `https://www.deutschepost.de/de/s/sendungsverfolgung.html?piececode=${number}`,
  },
];

export interface KnownParcel {
  /** Null where the carrier isn't on the list: what came isn't shown, it could be anything. */
  readonly carrier: string | null;
  /** Null where it can't be a tracking number. */
  readonly number: string | null;
  /** The carrier's page for this parcel. */
  readonly page: string | null;
}

/** What an email may say of a parcel's way: only carriers on the list, only numbers that can be one. */
export function trackingOf(parcel: ParcelTracking): KnownParcel {
  const spelling = (parcel.carrier ?? '').toLowerCase().replace(/[^a-z]/g, '');
  const carrier = CARRIERS.find(({ spellings }) => spellings.includes(spelling)) ?? null;
  const number = trackingNumber(parcel);
  return {
    carrier: carrier?.name ?? null,
    number,
    page: carrier !== null && number !== null ? carrier.page(number) : null,
  };
}

function trackingNumber({ trackingNumber, barcode }: ParcelTracking): string | null {
  const number = (trackingNumber ?? '').replace(/[\s-]/g, '').toUpperCase();
  // A link never carries a barcode, also where a sender put it into the wrong field.
  return /^[A-Z0-9]{6,40}$/.test(number) && !number.includes(barcode.toUpperCase()) ? number : null;
}
