import type { Command } from 'commander';
import { Refusal } from '../config/refusal.js';
import type { Stories, Story } from '../ledger/ledger.js';
import { adminClient, detailOf } from './admin-client.js';
import { renderTold } from './told/render.js';

interface Options {
  readonly json?: true;
  readonly decisions?: true;
}

const NOT_FOUND = 3;

/** Adds `kit-herald told`: was this patient told, what, when, and if not, why not. */
export function registerTold(program: Command): void {
  program
    .command('told')
    .description('was this patient told, what, when, and if not, why not')
    .argument('<name>', 'a barcode, an order number, an email address or a Message-ID')
    .option('--decisions', 'also every decision behind each email')
    .option('--json', 'print the answer as JSON')
    .action(async (name: string, options: Options, command: Command) => {
      try {
        process.exitCode = await told(name, options);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        command.error(`error: ${error.message}`, { exitCode: 2 });
      }
    });
}

/** @returns the exit code. @throws Refusal for wrong settings. */
async function told(name: string, { json, decisions }: Options): Promise<number> {
  const answer = await adminClient(process.env).post('/admin/told', { subject: name });
  if (answer.status !== 200) {
    process.stderr.write(`${detailOf(answer)}\n`);
    return answer.status === 404 ? NOT_FOUND : 1;
  }
  const print = json
    ? JSON.stringify(answer.body, null, 2)
    : renderTold(answer.body as Story | Stories, {
        width: process.stdout.columns || 80,
        colour: process.stdout.isTTY && process.env['NO_COLOR'] === undefined,
        decisions: decisions === true,
      });
  process.stdout.write(`${print}\n`);
  return 0;
}
