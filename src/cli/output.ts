import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { type AdminAnswer, detailOf } from '../admin/client.js';
import { Refusal, Unavailable } from '../config/refusal.js';

/** Exit codes of every command; `config/refusal.ts` says what ends with 1 and what with 2. */
export const EXIT = { done: 0, failed: 1, wrongUsage: 2, notFound: 3 } as const;

/** Runs a command that answers its exit code; wrong usage and settings are one sentence and exit 2. */
export async function run(command: Command, work: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await work();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    command.error(`error: ${error.message}`, { exitCode: EXIT.wrongUsage });
  }
}

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** @throws Unavailable where the file can't be written. `mode`: by default for this user alone, as it may be about somebody. */
export async function save(file: string, text: string, mode = 0o600): Promise<void> {
  await writeFile(file, text, { mode }).catch((cause: unknown) => {
    throw new Unavailable(`${file} can't be written.`, { cause });
  });
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}

/** Says why kit-herald refused. @returns the exit code */
export function refused(answer: AdminAnswer): number {
  process.stderr.write(`${detailOf(answer)}\n`);
  if (answer.status === 404) return EXIT.notFound;
  return answer.status === 400 ? EXIT.wrongUsage : EXIT.failed;
}

/**
 * Breaks words into lines of at most `width` characters; a word that is longer is cut. What a mail server said may hold
 * anything: nothing that steers a terminal gets through.
 */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text
    .split(/[\s\p{Cc}\p{Cf}]+/u)
    .filter(Boolean)
    .flatMap((one) => cut(one, width))) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (longer.length <= width) {
      line = longer;
    } else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line];
}

const cut = (word: string, width: number): string[] =>
  word.length <= width ? [word] : [word.slice(0, width), ...cut(word.slice(width), width)];

export interface Column {
  readonly width: number;
  readonly paint?: (text: string) => string;
}

/** One row of a table without lines: every cell is wrapped inside its column. */
export function rowOf(columns: readonly Column[], cells: readonly string[], indent = 2): string[] {
  const wrapped = columns.map(({ width }, at) => wrap(cells[at] ?? '', width));
  const height = Math.max(...wrapped.map((lines) => lines.length));
  return Array.from(
    { length: height },
    (_, line) =>
      ' '.repeat(indent) +
      columns
        .map(({ width, paint = (text) => text }, at) => paint((wrapped[at]?.[line] ?? '').padEnd(width)))
        .join('  ')
        .trimEnd(),
  );
}

/** To the minute, in UTC: support agents and logs then speak of the same time. */
export const minute = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 16)}`;
