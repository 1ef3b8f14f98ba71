import { createInterface } from 'node:readline/promises';
import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import { hashSecret, SECRET_LENGTH } from '../access/secrets.js';
import { readUser } from '../config/users.js';
import { Refusal } from '../config/refusal.js';
import { EXIT, print, run } from './output.js';

/** Adds `kit-herald users hash`: an entry of USERS. */
export function registerUsers(program: Command): void {
  program
    .command('users')
    .description('those who use the desk')
    .command('hash')
    .description('make an entry of USERS: reads the secret from standard input, or makes one')
    .argument('<name>', 'how they sign in')
    .argument('<role>', 'reader, support, privacy or admin')
    .option('--generate', 'make a random secret, and print it on standard error')
    .action((name: string, role: string, options: { generate?: true }, command: Command) =>
      run(command, () => hash(name, role, options)),
    );
}

/** @throws Refusal for a name, a role or a secret that won't do. */
async function hash(name: string, role: string, { generate }: { generate?: true }): Promise<number> {
  const fault = readUser(`${name}:${role}`);
  if (typeof fault === 'string') throw new Refusal(`USERS ${fault}.`);
  const secret = generate === true ? randomBytes(18).toString('base64url') : await readSecret();
  const entry = await entryOf(name, role, secret);
  if (generate === true) process.stderr.write(`The secret of ${name}: ${secret}\n`);
  print(entry);
  return EXIT.done;
}

/** An entry of USERS. @throws Refusal for a secret that is too short, or longer than anybody types. */
export async function entryOf(name: string, role: string, secret: string): Promise<string> {
  if (secret.length < SECRET_LENGTH.least || secret.length > SECRET_LENGTH.most)
    throw new Refusal(
      `The secret must have ${String(SECRET_LENGTH.least)} to ${String(SECRET_LENGTH.most)} characters: --generate makes one.`,
    );
  return `${name}:${role}:${await hashSecret(secret)}`;
}

/** One line. Never an argument: those stand in the shell's history and in the list of processes. */
async function readSecret(): Promise<string> {
  const lines = createInterface({ input: process.stdin });
  if (process.stdin.isTTY) process.stderr.write('The secret (it is shown as you type; --generate makes one): ');
  for await (const line of lines) {
    lines.close();
    return line;
  }
  return '';
}
