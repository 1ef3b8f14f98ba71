#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SettingsError } from '../config.js';
import { firstLine } from '../config/refusal.js';
import { TemplatesProblem } from '../email/overrides/template.js';
import { packageRoot } from '../config/package-root.js';
import { KeyProblem } from '../sealing/keys.js';
import { registerDatabaseCommands } from './database-commands.js';
import { registerDemo } from './demo.js';
import { registerDoctor } from './doctor.js';
import { registerKits } from './kits.js';
import { registerMakeCurrent } from './make-current.js';
import { registerPartnerSim } from './partner-sim.js';
import { registerRehearse } from './rehearse.js';
import { registerSend } from './send.js';
import { registerStart } from './start.js';
import { registerTold } from './told.js';
import { registerWebhooks } from './webhooks.js';

const WRONG_USAGE = 2;

/** All commands. Each registers itself; what it needs is loaded when it runs. */
function createProgram(): Command {
  const { version } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string };
  const program = new Command('kit-herald')
    .description(
      "Tells each patient what became of their at-home lab kit, and can prove it: C4HXP's webhooks in, emails out.",
    )
    .version(version)
    .showHelpAfterError('(add --help for what is possible)')
    .exitOverride();
  registerStart(program);
  registerDemo(program);
  registerDatabaseCommands(program);
  registerDoctor(program);
  registerMakeCurrent(program);
  registerTold(program);
  registerKits(program);
  registerWebhooks(program);
  registerRehearse(program);
  registerSend(program);
  registerPartnerSim(program);
  return program;
}

try {
  await createProgram().parseAsync();
} catch (error) {
  process.exit(told(error));
}

/** Says what went wrong in one sentence, without a stack; answers the exit code. */
function told(error: unknown): number {
  // Already printed. What a command says by itself has its own code; what commander finds wrong is wrong usage.
  if (error instanceof CommanderError)
    return error.exitCode === 0 || error.code === 'commander.error' ? error.exitCode : WRONG_USAGE;
  if (error instanceof SettingsError || error instanceof TemplatesProblem || error instanceof KeyProblem) {
    process.stderr.write(`${error.message}\n`);
    return WRONG_USAGE;
  }
  process.stderr.write(`kit-herald: ${firstLine(error)}\n`);
  return 1;
}
