import type { Command } from 'commander';
import { type AdminAnswer, detailOf } from '../admin/client.js';
import { Refusal } from '../config/refusal.js';

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

export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}

/** Says why kit-herald refused. @returns the exit code */
export function refused(answer: AdminAnswer): number {
  process.stderr.write(`${detailOf(answer)}\n`);
  if (answer.status === 404) return EXIT.notFound;
  return answer.status === 400 ? EXIT.wrongUsage : EXIT.failed;
}
