#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { cleanEnvironment } from '../config.js';
import { settingsOfDotEnv } from '../config/dot-env.js';
import { packageVersion } from '../config/package-root.js';
import { firstLine, Refusal } from '../config/refusal.js';
import { registerAudit } from './audit.js';
import { registerDatabaseCommands, registerMakeCurrent } from './deploy.js';
import { registerDemo } from './demo.js';
import { registerDoctor } from './doctor.js';
import { registerErase } from './erase.js';
import { registerKeys } from './keys.js';
import { registerKits } from './kits.js';
import { EXIT } from './output.js';
import { registerPartnerSim, thisProcess } from './partner-sim.js';
import { registerRehearse } from './rehearse.js';
import { registerRetention } from './retention.js';
import { registerScorecard } from './scorecard.js';
import { registerSend } from './send.js';
import { registerStart } from './start.js';
import { registerTold } from './told.js';
import { registerVerify } from './verify.js';
import { registerUsers } from './users.js';
import { registerWebhooks } from './webhooks.js';

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

/** All commands. Each registers itself; what it needs is loaded when it runs. */
function createProgram(): Command {
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
    .hook('preAction', () => {
      Object.assign(env, settingsOfDotEnv(env, complain));
      Object.assign(env, cleanEnvironment(env));
    });
  registerStart(program, env);
  registerDemo(program, env);
  registerDatabaseCommands(program, env);
  registerDoctor(program, env);
  registerMakeCurrent(program, env);
  registerTold(program, env);
  registerVerify(program);
  registerKits(program, env);
  registerErase(program, env);
  registerRetention(program, env);
  registerWebhooks(program, env);
  registerAudit(program, env);
  registerUsers(program);
  registerRehearse(program, env);
  registerScorecard(program, env);
  registerKeys(program, env);
  registerSend(program, env);
  registerPartnerSim(program, thisProcess(env));
  return program;
}

try {
  await createProgram().parseAsync();
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
