import type { Unreadable } from './answers.js';

/** What a reader made of a body. Readers never throw, whatever the body is. */
export type Reading<T> =
  { readonly readable: true; readonly value: T } | { readonly readable: false; readonly why: Unreadable };

/** What a reader must know beside the body. */
export interface ReadingContext {
  /** ms; what lies further ahead is not believed. */
  readonly now: number;
  /** IANA zone in which a calendar date without a time ends. */
  readonly zone: string;
}

export const readable = <T>(value: T): Reading<T> => ({ readable: true, value });
export const unreadable = (why: Unreadable): Reading<never> => ({ readable: false, why });

/** Barcodes and order numbers are compared trimmed and upper-cased; a number has lost its leading zeros. */
export function sameName(told: string | null, asked: string): boolean {
  if (told === null) return true;
  const plain = (name: string): string =>
    name
      .trim()
      .toUpperCase()
      .replace(/^0+(?=\d)/, '');
  return plain(told) === plain(asked);
}
