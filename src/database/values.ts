/**
 * How JavaScript values become SQL parameters and how columns come back: the same for both kinds of database, so that
 * no room ever notices which one it talks to.
 *
 * In: `Date` for timestamptz, `Buffer` for bytea, arrays for SQL arrays, a plain object or a ready-made string for
 * jsonb. Out: timestamptz as `Date`, bytea as `Buffer`, bigint and numeric as `number` (our counts stay far below 2^53),
 * date as `YYYY-MM-DD`, json parsed, arrays of these likewise.
 */
type Parse = (text: string) => unknown;

const OID = {
  bool: 16,
  bytea: 17,
  int8: 20,
  int2: 21,
  int4: 23,
  text: 25,
  json: 114,
  float4: 700,
  float8: 701,
  varchar: 1043,
  date: 1082,
  timestamptz: 1184,
  numeric: 1700,
  jsonb: 3802,
} as const;

const asIs: Parse = (text) => text;

const scalars: Record<number, Parse> = {
  [OID.bool]: (text) => text === 't',
  [OID.bytea]: (text) => Buffer.from(text.slice(2), 'hex'),
  [OID.int8]: Number,
  [OID.int2]: Number,
  [OID.int4]: Number,
  [OID.float4]: Number,
  [OID.float8]: Number,
  [OID.numeric]: Number,
  [OID.text]: asIs,
  [OID.varchar]: asIs,
  [OID.date]: asIs,
  [OID.json]: (text) => JSON.parse(text) as unknown,
  [OID.jsonb]: (text) => JSON.parse(text) as unknown,
  [OID.timestamptz]: parseTime,
};

const ARRAY_OF: Record<number, number> = {
  1000: OID.bool,
  1001: OID.bytea,
  1005: OID.int2,
  1007: OID.int4,
  1009: OID.text,
  1015: OID.varchar,
  1016: OID.int8,
  1022: OID.float8,
  1182: OID.date,
  1185: OID.timestamptz,
  1231: OID.numeric,
  3807: OID.jsonb,
};

/** The parser of each column type we use, by its type id; types not listed come back as text. */
export const COLUMN_PARSERS: Readonly<Record<number, Parse>> = {
  ...scalars,
  ...Object.fromEntries(
    Object.entries(ARRAY_OF).map(([oid, element]) => [
      oid,
      (text: string) => parseArray(text, scalars[element] ?? asIs),
    ]),
  ),
};

/** PostgreSQL writes `2026-11-24 13:40:54.123456+00`; finer than a millisecond is cut. */
function parseTime(text: string): Date {
  const time = new Date(text.replace(' ', 'T').replace(/([+-]\d{2})$/, '$1:00'));
  if (Number.isNaN(time.getTime())) throw new Error(`not a time that JavaScript can hold: ${text}`);
  return time;
}

/** One-dimensional array literals: `{a,"b \"c\"",NULL}`. */
function parseArray(text: string, parse: Parse): unknown[] {
  const elements: unknown[] = [];
  const token = /"((?:[^"\\]|\\.)*)"|([^,{}]+)/gs;
  for (const [, quoted, bare] of text.matchAll(token)) {
    if (quoted !== undefined) elements.push(parse(quoted.replace(/\\(.)/gs, '$1')));
    else if (bare !== undefined) elements.push(bare === 'NULL' ? null : parse(bare));
  }
  return elements;
}

const toHex = (bytes: Uint8Array): string =>
  `\\x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')}`;

/** A parameter as both drivers take it: text in PostgreSQL's own notation, or null. */
export function toParameter(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'bigint':
      return value.toString();
    case 'boolean':
      return value ? 't' : 'f';
    case 'object':
      if (value instanceof Uint8Array) return toHex(value);
      if (value instanceof Date) return value.toISOString();
      if (Array.isArray(value)) return toArrayLiteral(value);
      return JSON.stringify(value);
    default:
      throw new TypeError(`a ${typeof value} can't be an SQL parameter`);
  }
}

function toArrayLiteral(values: readonly unknown[]): string {
  return `{${values.map(toElement).join(',')}}`;
}

function toElement(value: unknown): string {
  // Times, hex and numbers hold nothing to escape, and batches have thousands of them.
  if (value instanceof Uint8Array) return `"\\${toHex(value)}"`;
  if (typeof value === 'number') return value.toString();
  const text = toParameter(value);
  return text === null ? 'NULL' : `"${text.replace(/["\\]/g, '\\$&')}"`;
}
