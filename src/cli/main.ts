#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { settledEnvironment } from '../config/environment.js';
import { packageVersion } from '../config/package-root.js';
import { firstLine, Refusal } from '../config/refusal.js';
import { EXIT } from './output.js';

/** The environment that commands read: as it was given, and what a .env adds to it. */
const env: NodeJS.ProcessEnv = { ...process.env };
// What we make, and what those make whom we start, is for its owner alone.
process.umask(0o077);
// For React, which picks its build by this when it is loaded: the one for its own developers renders an email several
// times slower. Settings are read from `env`, where NODE_ENV says what the caller said.
process.env['NODE_ENV'] = 'production';

// Who reads what we print may stop (`| head`, a pager that is left): that is no fault, and a service goes on without.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });

type Register = (program: Command) => void;

/** Each command's module, in the order of the help. What a command needs beside it is loaded when it runs. */
const MODULES: readonly { readonly names: readonly string[]; readonly load: () => Promise<Register> }[] = [
  { names: ['init'], load: async () => (await import('./init.js')).registerInit },
  {
    names: ['start', 'receiver', 'worker'],
    load: async () => bind((await import('./start.js')).registerStart),
  },
  { names: ['demo'], load: async () => bind((await import('./demo.js')).registerDemo) },
  {
    names: ['migrate', 'rebuild'],
    load: async () => bind((await import('./deploy.js')).registerDatabaseCommands),
  },
  { names: ['doctor'], load: async () => bind((await import('./doctor.js')).registerDoctor) },
  { names: ['make-current'], load: async () => bind((await import('./deploy.js')).registerMakeCurrent) },
  { names: ['told'], load: async () => bind((await import('./told.js')).registerTold) },
  { names: ['verify'], load: async () => (await import('./verify.js')).registerVerify },
  { names: ['kits', 'orders', 'staff'], load: async () => bind((await import('./kits.js')).registerKits) },
  { names: ['erase'], load: async () => bind((await import('./erase.js')).registerErase) },
  { names: ['retention'], load: async () => bind((await import('./retention.js')).registerRetention) },
  { names: ['webhooks'], load: async () => bind((await import('./webhooks.js')).registerWebhooks) },
  { names: ['audit'], load: async () => bind((await import('./audit.js')).registerAudit) },
  { names: ['users'], load: async () => (await import('./users.js')).registerUsers },
  { names: ['rehearse'], load: async () => bind((await import('./rehearse.js')).registerRehearse) },
  { names: ['scorecard'], load: async () => bind((await import('./scorecard.js')).registerScorecard) },
  { names: ['keys'], load: async () => bind((await import('./keys.js')).registerKeys) },
  { names: ['send'], load: async () => bind((await import('./send.js')).registerSend) },
  {
    names: ['partner-sim'],
    load: async () => {
      const { registerPartnerSim, thisProcess } = await import('./partner-sim.js');
      return (program) => {
        registerPartnerSim(program, thisProcess(env));
      };
    },
  },
];

/** @param register of a command that reads settings */
function bind(register: (program: Command, env: NodeJS.ProcessEnv) => void): Register {
  return (program) => {
    register(program, env);
  };
}

/** The command that is asked for, alone: loading the others takes longer than most commands run. Else all, for the help. */
async function createProgram([asked = '']: readonly string[]): Promise<Command> {
  const program = new Command('kit-herald')
    .description(
      "Tells each patient what became of their at-home lab kit, and can prove it: C4HXP's webhooks in, emails out.",
    )
    .version(packageVersion())
    .addHelpText(
      'after',
      '\nSettings are read from the environment, and from a .env in the working directory;\nwhat the environment says wins.',
    )
    .showHelpAfterError('(add --help for what is possible)')
    .exitOverride()
    .hook('preAction', (_program, action) => {
      // It reads none, and makes the file anew that may be the broken one.
      if (action.name() === 'init') return;
      Object.assign(env, settledEnvironment(env, complain));
    });
  const named = MODULES.filter(({ names }) => names.includes(asked));
  for (const register of await Promise.all((named.length > 0 ? named : MODULES).map(({ load }) => load())))
    register(program);
  return program;
}

try {
  await (await createProgram(process.argv.slice(2))).parseAsync();
} catch (error) {
  process.exit(exitCodeOf(error));
}

/** Says what went wrong without a stack. @returns the exit code. */
function exitCodeOf(error: unknown): number {
  // Already printed. What a command says by itself has its own code; what commander finds wrong is wrong usage.
  if (error instanceof CommanderError)
    return error.exitCode === 0 || error.code === 'commander.error' ? error.exitCode : EXIT.wrongUsage;
  if (error instanceof Refusal) {
    complain(error.message);
    return EXIT.wrongUsage;
  }
  complain(`kit-herald: ${firstLine(error)}`);
  return EXIT.failed;
}

/** On stderr, so that what a command prints is clean. */
function complain(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
}
