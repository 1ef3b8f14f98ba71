/** A person of the stand-in's world. Everybody here is made up; example.com delivers nowhere. */
export interface SimPerson {
  readonly first_name: string;
  readonly last_name: string;
  readonly email: string;
  readonly phone: string;
  readonly date_of_birth: string;
}

const NAMES: readonly (readonly [first: string, last: string])[] = [
  ['Ada', 'Byron'],
  ['Zoë', 'Nuñez'],
  ['Jürgen', 'Weiß'],
  ['Aoife', 'O’Neill'],
  ['Min-jun', 'Kim'],
  ['Søren', 'Aaby'],
  ['Chidi', 'Okafor'],
  ['Łucja', 'Żak'],
];

/** The nth person: the same one for the same n. */
export function personNumber(n: number): SimPerson {
  const [first, last] = NAMES[n % NAMES.length] ?? ['Ada', 'Byron'];
  return {
    first_name: first,
    last_name: last,
    email: `patient${n}@example.com`,
    phone: `+1555${String(n).padStart(7, '0')}`,
    date_of_birth: '1980-02-29',
  };
}

export const KIT_STATUSES = [
  'created',
  'shipped',
  'delivered',
  'registered',
  'shipped_to_lab',
  'received_lab',
  'processing',
  'completed',
  'failed',
  'cancelled',
] as const;
export type KitStatus = (typeof KIT_STATUSES)[number];

export interface SimResult {
  readonly id: number;
  readonly test_code: string;
  readonly test_name: string;
  readonly value: number;
  readonly unit: string;
  readonly reference_range: string;
  readonly status: string;
  readonly flags: readonly string[];
}

/** What a carrier said of a parcel. */
export interface Scan {
  readonly direction: 'to_customer' | 'to_lab';
  /** In the carrier's own words. */
  readonly status: string;
  readonly timestamp: string;
}

export interface SimKit {
  readonly id: number;
  readonly barcode: string;
  readonly kitType: string;
  readonly order: SimOrder;
  status: KitStatus;
  patient: SimPerson | null;
  readonly timeline: { readonly event: string; readonly timestamp: string; readonly description: string }[];
  tracking: { carrier: string; tracking_number: string; estimated_delivery: string } | null;
  /** Of both its parcels, in the order in which they were made. */
  readonly scans: Scan[];
  /** Why the lab can't use the sample, in the lab's words; null where it can, or hasn't looked. */
  failure: string | null;
  /** The API doesn't know it for the moment. */
  hidden: boolean;
  results: readonly SimResult[];
  /** The word for the whole set. */
  resultsStatus: string;
  completedAt: string | null;
  review: { reviewed: true; reviewer: string; reviewed_at: string; notes: string } | null;
  estimatedCompletion: string | null;
  readonly createdAt: string;
  updatedAt: string;
}

export interface SimOrder {
  readonly id: number;
  readonly number: string;
  readonly recipient: SimPerson;
  readonly kitTypes: readonly string[];
  readonly kits: SimKit[];
  status: 'pending' | 'confirmed' | 'shipped' | 'cancelled';
  readonly createdAt: string;
  updatedAt: string;
  confirmedAt: string | null;
  shippedAt: string | null;
  cancelledAt: string | null;
}

/** The partner's records: what its API answers from, and what its webhooks tell changes of. */
export interface World {
  addOrder(order: NewOrder): SimOrder;
  /** One more kit in an order, as of the time `at` (ISO). Default barcode: the next one. */
  addKit(order: SimOrder, kitType: string, barcode: string | undefined, at: string): SimKit;
  kit(barcode: string): SimKit | undefined;
  order(key: number | string): SimOrder | undefined;
  orders(): readonly SimOrder[];
}

export interface NewOrder {
  readonly recipient?: SimPerson | undefined;
  readonly kitTypes?: readonly string[] | undefined;
  /** Given barcodes, one per kit type; by default 12 digits and `XP` + 8 digits in turn, as the partner has both. */
  readonly barcodes?: readonly string[] | undefined;
  readonly orderNumber?: string | undefined;
  /** ISO */
  readonly at: string;
}

export const DEFAULT_KIT_TYPE = 'hormone_panel';

const FIRST_ORDER = 12_345;
const FIRST_BARCODE = 700_000_000_001;
const FIRST_XP = 10_000_000;
const XP_BARCODES = 89_990_000;
/** Room for the kits and orders of one run. */
const PER_RUN = 10_000;

/** `run`: another number for each run, so that its orders and barcodes are no other's. */
export function createWorld(run = 0): World {
  const orders = new Map<string, SimOrder>();
  const kits = new Map<string, SimKit>();
  let orderCount = 0;
  let kitCount = 0;

  function nextBarcode(): string {
    kitCount += 1;
    const number = run * PER_RUN + kitCount;
    return kitCount % 2 === 1 ? String(FIRST_BARCODE + number) : `XP${String(FIRST_XP + (number % XP_BARCODES))}`;
  }

  function addKit(order: SimOrder, kitType: string, given: string | undefined, at: string): SimKit {
    const barcode = given ?? nextBarcode();
    if (kits.has(barcode)) throw new Error(`the barcode ${barcode} is taken`);
    const kit: SimKit = {
      id: 9_000 + kits.size,
      barcode,
      kitType,
      order,
      status: 'created',
      patient: null,
      timeline: [],
      tracking: null,
      scans: [],
      failure: null,
      hidden: false,
      results: [],
      resultsStatus: 'completed',
      completedAt: null,
      review: null,
      estimatedCompletion: null,
      createdAt: at,
      updatedAt: at,
    };
    kits.set(barcode, kit);
    order.kits.push(kit);
    return kit;
  }

  return {
    addOrder: ({ recipient, kitTypes, barcodes, orderNumber, at }) => {
      const id = FIRST_ORDER + orderCount;
      const number =
        orderNumber ?? `C4H-ORD-${at.slice(0, 4)}-${String(1_234 + run * PER_RUN + orderCount).padStart(6, '0')}`;
      if (orders.has(number)) throw new Error(`the order number ${number} is taken`);
      const types = kitTypes ?? barcodes?.map(() => DEFAULT_KIT_TYPE) ?? [DEFAULT_KIT_TYPE];
      const order: SimOrder = {
        id,
        number,
        recipient: recipient ?? personNumber(orderCount),
        kitTypes: types,
        kits: [],
        status: 'pending',
        createdAt: at,
        updatedAt: at,
        confirmedAt: null,
        shippedAt: null,
        cancelledAt: null,
      };
      orderCount += 1;
      types.forEach((type, n) => addKit(order, type, barcodes?.[n], at));
      orders.set(number, order);
      return order;
    },
    addKit,
    kit: (barcode) => kits.get(barcode.trim().toUpperCase()),
    order: (key) =>
      typeof key === 'number'
        ? [...orders.values()].find(({ id }) => id === key)
        : orders.get(key.trim().toUpperCase()),
    orders: () => [...orders.values()],
  };
}
