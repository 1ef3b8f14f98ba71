import type { Command } from 'commander';
import pc from 'picocolors';
import { readSettings } from '../config.js';
import { firstLine } from '../config/refusal.js';
import type { DoctorCheck } from './doctor-checks.js';
import { print, printJson } from './output.js';

interface Finding {
  readonly what: string;
  readonly good: boolean;
  /** Nothing stands still because of it, and something should be done. */
  readonly warning: boolean;
  readonly said: string;
}

/** Adds `kit-herald doctor`: whether everything that is configured answers, each with the next thing to try. */
export function registerDoctor(program: Command, env: NodeJS.ProcessEnv): void {
  program
    .command('doctor')
    .description('look whether the settings are right and everything that is configured answers')
    .option('--before-upgrade', 'look whether the upgrade to this release may begin')
    .option('--json', 'print the findings as JSON')
    .action(async ({ json, beforeUpgrade }: { json?: true; beforeUpgrade?: true }) => {
      const checksOf = await (beforeUpgrade === true ? beforeUpgradeChecks() : usualChecks());
      const findings: Finding[] = [];
      for (const check of checksOf(readSettings(env), env)) {
        const finding = await look(check);
        findings.push(finding);
        if (json !== true) print(lineOf(finding, env));
      }
      if (json === true) printJson({ findings });
      process.exitCode = findings.every(({ good }) => good) ? 0 : 1;
    });
}

const usualChecks = async () => (await import('./doctor-checks.js')).checksOf;
const beforeUpgradeChecks = async () => (await import('./upgrade-checks.js')).upgradeChecksOf;

async function look(check: DoctorCheck): Promise<Finding> {
  const { what } = check;
  try {
    const said = await check.run();
    const isSaid = typeof said === 'string';
    return { what, good: true, warning: !isSaid, said: isSaid ? said : said.warning };
  } catch (error) {
    return { what, good: false, warning: false, said: firstLine(error) };
  }
}

function lineOf({ what, good, warning, said }: Finding, env: NodeJS.ProcessEnv): string {
  const { green, red, yellow } = pc.createColors(process.stdout.isTTY && !env['NO_COLOR']);
  const mark = warning ? yellow('warn') : good ? green('ok  ') : red('FAIL');
  return `${mark} ${what.padEnd(14)} ${said}`;
}
