import { z } from 'zod';
import { MESSAGE_KEYS, type MessageKey } from '../wording/en.js';
import { CATALOGUES, parseCatalogue, parseMessage, variablesOf, type ParsedCatalogue } from '../wording/wording.js';

const fileSchema = z.record(z.string(), z.string());

/** Fault or result: faults are gathered, so that one start tells all of them. */
export interface ReadWording {
  readonly catalogue: ParsedCatalogue | null;
  readonly faults: readonly string[];
}

/**
 * A company's own wording in one language: over ours where we have the language, else all of it. Each message must use
 * the variables of the English one: a missing {k} would leave a patient guessing which kit is meant.
 */
export function readWordingFile(locale: string, content: string): ReadWording {
  const faults: string[] = [];
  const own = parseFile(content, faults);
  if (own === null) return { catalogue: null, faults };

  const ours = locale in CATALOGUES ? CATALOGUES[locale as keyof typeof CATALOGUES] : null;
  const messages = new Map(ours === null ? [] : parseCatalogue(locale, ours));
  for (const [key, text] of Object.entries(own)) {
    if (!isKey(key)) {
      faults.push(`there is no message ${key}`);
      continue;
    }
    try {
      const message = parseMessage(text, locale);
      const fault = variablesFault(key, variablesOf(message));
      if (fault === null) messages.set(key, message);
      else faults.push(fault);
    } catch {
      faults.push(`${key} is no valid ICU message`);
    }
  }
  const missing = MESSAGE_KEYS.filter((key) => !messages.has(key) && !(key in own));
  if (missing.length > 0)
    faults.push(
      `a new language needs every message; missing: ${missing.slice(0, 5).join(', ')}${missing.length > 5 ? ` and ${String(missing.length - 5)} more` : ''}`,
    );
  return { catalogue: faults.length === 0 ? messages : null, faults };
}

function parseFile(content: string, faults: string[]): Record<string, string> | null {
  let json: unknown;
  try {
    json = JSON.parse(content);
  } catch {
    faults.push('is not JSON');
    return null;
  }
  const parsed = fileSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  faults.push('must be an object of texts by message key');
  return null;
}

const isKey = (key: string): key is MessageKey => (MESSAGE_KEYS as readonly string[]).includes(key);

function variablesFault(key: MessageKey, used: ReadonlySet<string>): string | null {
  const wanted = variablesOf(parseMessage(CATALOGUES.en[key], 'en'));
  const missing = [...wanted].filter((name) => !used.has(name));
  const unknown = [...used].filter((name) => !wanted.has(name));
  if (missing.length > 0) return `${key} must use {${missing.join('}, {')}}`;
  return unknown.length > 0 ? `${key} knows no {${unknown.join('}, {')}}` : null;
}
