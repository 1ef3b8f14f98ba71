import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { Refusal } from '../config/refusal.js';
import type { Verification } from '../evidence/verify.js';
import { EXIT, minute, print, printJson, run } from './output.js';

interface Options {
  readonly keys?: string;
  readonly json?: true;
}

/** Adds `kit-herald verify`: whether a file of evidence fits, by itself. */
export function registerVerify(program: Command): void {
  program
    .command('verify')
    .description('check a file of told --evidence, offline: names the first thing that does not fit')
    .argument('<file>', 'what told --evidence has written')
    .option('--keys <file>', 'believe these keys only: what /.well-known/kit-herald-keys.json said, in a file')
    .option('--json', 'print the finding as JSON')
    .action((file: string, options: Options, command: Command) => run(command, () => verify(file, options)));
}

async function verify(file: string, { keys, json }: Options): Promise<number> {
  const { verifyBundle } = await import('../evidence/verify.js');
  const trusted = keys === undefined ? null : trustedIn(await read(keys), keys);
  const found = verifyBundle(await read(file), trusted);
  if (json) printJson(found);
  else print(sayVerification(found, trusted !== null));
  return found.fits ? EXIT.done : EXIT.failed;
}

const read = (file: string): Promise<string> =>
  readFile(file, 'utf8').catch((cause: unknown) => {
    throw new Refusal(`${file} can't be read.`, { cause });
  });

/** @throws Refusal */
function trustedIn(text: string, file: string): readonly string[] {
  try {
    const { keys } = JSON.parse(text) as { keys: { publicKey: unknown }[] };
    return keys.map(({ publicKey }) => {
      if (typeof publicKey !== 'string') throw new TypeError('no key');
      return publicKey;
    });
  } catch {
    throw new Refusal(`${file} holds no keys: save what /.well-known/kit-herald-keys.json answers.`);
  }
}

/** The finding in sentences. */
export function sayVerification(found: Verification, isTrusted: boolean): string {
  if (!found.fits) return `It does not fit. ${found.fault}`;
  const { entries, unsealed, underWay, keys, sealedAt } = found;
  const lines = [`All ${String(entries)} entries fit.`];
  if (sealedAt !== null)
    lines.push(`A root signed at ${minute(sealedAt)} UTC or later by the key ${keys.join(', ')} is over them.`);
  if (unsealed > 0) lines.push(`${String(unsealed)} of them are under no signed root yet: these only fit one another.`);
  if (underWay > 0) lines.push(`${String(underWay)} emails were being sent when it was made.`);
  if (sealedAt !== null && !isTrusted)
    lines.push('Whose key that is this file can’t say: compare it with /.well-known/kit-herald-keys.json (--keys).');
  return lines.join('\n');
}
