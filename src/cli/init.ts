import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { type Command, InvalidArgumentError } from 'commander';
import { otherSpelling } from '../config/secret-files.js';
import { firstLine, Refusal } from '../config/refusal.js';
import { checkName, faultsOf, newDotEnv, type NewDotEnv, type Said } from './new-dot-env.js';
import { EXIT, print, run, wrap } from './output.js';

interface Options {
  readonly out: string;
  readonly set: Said;
  readonly ask: boolean;
  readonly force?: true;
}

/** Asks a person for one value. A `hidden` one isn't shown as it is typed. */
export type Ask = (question: string, hidden: boolean) => Promise<string>;

const HELP = `
Keys and tokens are made at random: ENCRYPTION_KEYS, INDEX_KEYS, EVIDENCE_KEY,
ADMIN_TOKEN and SUPPORT_TOKEN. On a terminal init asks for what else production
needs; an empty answer leaves a line to be filled in. A secret is no argument:
init asks for it, or --set names the file that it stands in.

  kit-herald init --set PUBLIC_URL=https://notify.example.com \\
    --set DATABASE_URL_FILE=/etc/kit-herald/database-url

Ends with 0 where nothing is missing, with 1 where the file is written and
settings are still missing, with 2 where nothing is written.`;

/** Adds `kit-herald init`: a `.env` for production, with keys of its own. */
export function registerInit(program: Command): void {
  program
    .command('init')
    .description('write a .env for production, with keys made at random, and say what is still missing')
    .option('--set <NAME=value>', 'a setting, or the file of a secret (repeatable)', setting, {})
    .option('--out <file>', 'where to write it', '.env')
    .option('--force', 'write even if there is such a file, which is kept beside it')
    .option('--no-ask', 'ask nothing, also on a terminal')
    .addHelpText('after', HELP)
    .action((options: Options, command: Command) => run(command, () => init(options)));
}

function setting(argument: string, former: Said): Said {
  const [, name, value = ''] = /^([A-Z][A-Z0-9_]*)=(.*)$/s.exec(argument) ?? [];
  if (name === undefined) throw new InvalidArgumentError('must be NAME=value');
  return { ...former, [name]: value.trim() };
}

/** @returns the exit code. @throws Refusal where nothing is written. */
async function init({ out, set, ask, force }: Options): Promise<number> {
  Object.keys(set).forEach(checkName);
  if (existsSync(out) && force !== true)
    throw new Refusal(`${out} is there already: --force writes a new one, with other keys, and keeps it beside.`);
  const said = ask && process.stdin.isTTY ? await askedOnTerminal(set) : set;
  const made = newDotEnv(said, new Date());
  const former = write(out, made.text, force === true);
  print(report(out, made, former));
  return made.missing.length === 0 ? EXIT.done : EXIT.failed;
}

/** @returns what was said before, and what was answered: nothing that production would refuse. */
export async function asked(set: Said, ask: Ask, say: (line: string) => void): Promise<Said> {
  // Those that init makes itself are not asked for.
  const needed = newDotEnv(set, new Date()).missing;
  let said = set;
  for (const { setting: name, why } of needed) {
    const hidden = otherSpelling(name) !== null;
    say(`${name} ${why}.`);
    for (let answer = await ask(`${name}${hidden ? ' (not shown)' : ''}: `, hidden); answer.trim() !== '';) {
      const tried = { ...said, [name]: answer.trim() };
      const fault = faultsOf(tried).find((one) => one.setting === name);
      if (fault === undefined) {
        said = tried;
        break;
      }
      say(`${name} ${fault.why}.`);
      answer = await ask(`${name}${hidden ? ' (not shown)' : ''}: `, hidden);
    }
  }
  return said;
}

async function askedOnTerminal(set: Said): Promise<Said> {
  let isHidden = false;
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (!isHidden) process.stderr.write(chunk);
      done();
    },
  });
  const lines = createInterface({ input: process.stdin, output, terminal: true });
  // Ctrl-C and Ctrl-D: nobody would answer any more.
  const left = new Promise<never>((_resolve, reject) => {
    lines.once('close', () => {
      reject(new Refusal('Nothing was written.'));
    });
  });
  left.catch(() => undefined);
  const ask: Ask = async (question, hidden) => {
    const answer = lines.question(question);
    // The question itself has been written by now.
    isHidden = hidden;
    try {
      return await Promise.race([answer, left]);
    } finally {
      isHidden = false;
      if (hidden) process.stderr.write('\n');
    }
  };
  try {
    process.stderr.write('An empty answer leaves the line to be filled in later.\n\n');
    return await asked(set, ask, (line) => process.stderr.write(`${wrap(line, WIDTH).join('\n')}\n`));
  } finally {
    lines.close();
  }
}

/**
 * Writes it for this user alone: made anew and put into its place, since a mode is only applied to new files.
 * @returns where the former one is kept; null: there was none.
 * @throws Refusal where there is one and it isn't to be replaced, or it can't be written.
 */
function write(file: string, text: string, force: boolean): string | null {
  const fresh = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    writeFileSync(fresh, text, { mode: 0o600, flag: 'wx' });
    const former = force && existsSync(file) ? `${file}.former-${randomBytes(3).toString('hex')}` : null;
    if (former !== null) renameSync(file, former);
    // A link, because it fails where a rename would replace what another process has just made.
    linkSync(fresh, file);
    return former;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw new Refusal(`${file} is there already.`);
    throw new Refusal(`${file} can't be written: ${firstLine(error)}`, { cause: error });
  } finally {
    rmSync(fresh, { force: true });
  }
}

const WIDTH = 78;

/** What a person should know of it, at 80 columns, and no secret. */
function report(file: string, { settings, made, missing, unseen }: NewDotEnv, former: string | null): string {
  const said = (text: string): string[] => wrap(text, WIDTH);
  return [
    ...said(`Written to ${file}, for this user alone: ${String(settings)} settings.`),
    ...(former === null ? [] : said(`What was there is in ${former}: what it sealed is read with its keys only.`)),
    ...(made.length === 0
      ? []
      : said(`Made at random: ${made.join(', ')}. Keep a copy elsewhere: what is sealed is lost without its keys.`)),
    ...(unseen.length === 0 ? [] : said(`Not there on this machine, so not looked into: ${unseen.join(', ')}.`)),
    ...(missing.length === 0
      ? ['', 'Nothing is missing. Next: kit-herald doctor']
      : [
          '',
          `Still missing, each with a line in ${file} to be filled in:`,
          ...missing.flatMap(({ setting: name, why }) =>
            wrap(`${name} ${why}.`, WIDTH - 4).map((line, nth) => `${nth === 0 ? '  ' : '    '}${line}`),
          ),
        ]),
  ].join('\n');
}
