import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { firstLine, Refusal } from './refusal.js';
import { otherSpelling } from './secret-files.js';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What a `.env` in the working directory adds to the environment, which wins.
 * @param say is told that there is one, and which of its lines were not understood: by number, since they hold secrets.
 * @returns only what the environment doesn't say; nothing where there is no such file.
 * @throws Refusal when it is there and can't be read.
 */
export function settingsOfDotEnv(
  env: Environment,
  say: (sentence: string) => void,
  folder = '.',
): Record<string, string> {
  const text = readIfThere(join(folder, '.env'));
  if (text === null) return {};
  const { values, faults } = parseDotEnv(text);
  const added = Object.entries(values).filter(([name]) => env[name] === undefined && !isToldOtherwise(name, env));
  say(`Settings are read from .env too (${String(added.length)} of them; what the environment says wins).`);
  faults.forEach(say);
  return Object.fromEntries(added);
}

/** Of a secret and its file the environment may say the other one: it wins then, too. */
function isToldOtherwise(name: string, env: Environment): boolean {
  const other = otherSpelling(name);
  return other !== null && (env[other] ?? '').trim() !== '';
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new Refusal(`.env can't be read (${firstLine(error)}): mend it, or move it away.`, { cause: error });
  }
}

/** A value in quotes may span lines. */
const ASSIGNMENT =
  /[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.-]*)[ \t]*=[ \t]*("[^"]*"|'[^']*'|`[^`]*`|[^\n]*)[^\n]*(?:\n|$)/y;
const LINE = /[^\n]*(?:\n|$)/y;

/**
 * Reads what dotenv's users write: quotes around values, `export`, comments, either line end. Node's own parser reads the
 * values; it would take a line that is none for the beginning of the next name, so that these are left out before.
 */
export function parseDotEnv(text: string): { values: Record<string, string>; faults: string[] } {
  const source = text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
  const understood: string[] = [];
  const faults: string[] = [];
  for (let at = 0, line = 1; at < source.length;) {
    const [whole, name, value] = match(ASSIGNMENT, source, at) ?? match(LINE, source, at) ?? [source.slice(at)];
    if (name === undefined || value === undefined) {
      if (!/^(#.*)?$/.test(whole.trim())) faults.push(`.env, line ${String(line)} is no NAME=value, and is left out.`);
    } else if (isOpen(value)) {
      faults.push(`.env, line ${String(line)} has a quote that is never closed, and is left out.`);
    } else {
      understood.push(`${name}=${value}`);
      if (isCut(value))
        faults.push(
          `.env, line ${String(line)}: what follows # is a comment. If it belongs to the value, put that in quotes.`,
        );
    }
    at += whole.length;
    line += whole.split('\n').length - 1;
  }
  return { values: parseEnv(understood.join('\n')) as Record<string, string>, faults };
}

/**
 * A line of a `.env` from which `parseDotEnv`, as dotenv does, reads this value again.
 * @throws Refusal where no kind of quotes could hold it.
 */
export function dotEnvLine(name: string, value: string): string {
  if (/^[\w./:@%+=,?&~-]*$/.test(value)) return `${name}=${value}`;
  // In double quotes \n would become a line break.
  const quote = ["'", '`', '"'].find((one) => !value.includes(one) && (one !== '"' || !value.includes('\\')));
  if (quote === undefined) throw new Refusal(`${name} has every kind of quotes in it: put it into a file.`);
  return `${name}=${quote}${value}${quote}`;
}

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

const isQuoted = (value: string): boolean => /^(["'`]).*\1$/s.test(value);
const isOpen = (value: string): boolean => /^["'`]/.test(value) && !isQuoted(value);
/** As in #0b5c6b, or in a password. */
const isCut = (value: string): boolean => !isQuoted(value) && /(^|\S)#\S/.test(value);
