import type { Command } from 'commander';
import pc from 'picocolors';
import { readSettings } from '../config.js';
import { firstLine } from '../config/refusal.js';
import type { Check } from './doctor-checks.js';

interface Finding {
  readonly what: string;
  readonly good: boolean;
  readonly said: string;
}

/** Adds `kit-herald doctor`: whether everything that is configured answers, each with the next thing to try. */
export function registerDoctor(program: Command): void {
  program
    .command('doctor')
    .description('look whether the settings are right and everything that is configured answers')
    .option('--json', 'print the findings as JSON')
    .action(async ({ json }: { json?: true }) => {
      const { checksOf } = await import('./doctor-checks.js');
      const findings: Finding[] = [];
      for (const check of checksOf(readSettings(process.env), process.env)) {
        const finding = await look(check);
        findings.push(finding);
        if (json !== true) print(lineOf(finding));
      }
      if (json === true) print(JSON.stringify({ findings }, null, 2));
      process.exitCode = findings.every(({ good }) => good) ? 0 : 1;
    });
}

async function look(check: Check): Promise<Finding> {
  const { what } = check;
  try {
    return { what, good: true, said: await check.run() };
  } catch (error) {
    return { what, good: false, said: firstLine(error) };
  }
}

function lineOf({ what, good, said }: Finding): string {
  const { green, red } = pc.createColors(process.stdout.isTTY && !process.env['NO_COLOR']);
  return `${good ? green('ok  ') : red('FAIL')} ${what.padEnd(14)} ${said}`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
