import type { Command } from 'commander';
import type { SubjectAnswers, SubjectAnswer } from '../ledger/ledger.js';
import { adminClient } from './admin-client.js';
import { EXIT, print, printJson, refused, run } from './output.js';
import { renderTold } from './told/render.js';

interface Options {
  readonly json?: true;
  readonly decisions?: true;
  readonly all?: true;
}

/** Adds `kit-herald told`: was this patient told, what, when, and if not, why not. */
export function registerTold(program: Command): void {
  program
    .command('told')
    .description('was this patient told, what, when, and if not, why not')
    .argument('<name>', 'a barcode, an order number, an email address or a Message-ID')
    .option('--all', 'also each reminder that was never needed, on a line of its own')
    .option('--decisions', 'also every decision behind each email')
    .option('--json', 'print the answer as JSON')
    .action((name: string, options: Options, command: Command) => run(command, () => told(name, options)));
}

/** @returns the exit code. @throws Refusal for wrong settings. */
async function told(name: string, { json, decisions, all }: Options): Promise<number> {
  const answer = await adminClient(process.env).post('/admin/told', { subject: name });
  if (answer.status !== 200) return refused(answer);
  if (json) {
    printJson(answer.body);
    return EXIT.done;
  }
  print(
    renderTold(answer.body as SubjectAnswer | SubjectAnswers, {
      width: process.stdout.columns || 80,
      colour: process.stdout.isTTY && process.env['NO_COLOR'] === undefined,
      decisions: decisions === true,
      all: all === true || decisions === true,
    }),
  );
  return EXIT.done;
}
