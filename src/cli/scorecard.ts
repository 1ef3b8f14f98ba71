import type { Command } from 'commander';
import { adminClient, type AdminClient } from '../admin/client.js';
import { DAY } from '../domain/durations.js';
import type { Scorecard } from '../inbox/scorecard.js';
import { ago } from './ago.js';
import { EXIT, minute, print, printJson, refused, rowOf, run, save, wrap } from './output.js';
import { scorecardPage } from './scorecard-page.js';
import { breakLine, columnsOf, HEADINGS, summaryLines } from './scorecard-said.js';

interface Options {
  readonly since: number;
  readonly html?: string;
  readonly json?: true;
}

/** Adds `kit-herald scorecard`: what the partner's webhooks were like. */
export function registerScorecard(program: Command, env: NodeJS.ProcessEnv): void {
  program
    .command('scorecard')
    .description("what C4HXP's webhooks were like: repetitions, disorder, delays, losses, breaks of the contract")
    .option('--since <duration>', 'those that came since then', ago, 30 * DAY)
    .option('--html <file>', 'write it as one page to print')
    .option('--json', 'print the answer as JSON')
    .action((options: Options, command: Command) => run(command, () => show(adminClient(env), options)));
}

async function show(client: AdminClient, { since, html, json }: Options): Promise<number> {
  const from = new Date(Date.now() - since).toISOString();
  const answer = await client.get(`/admin/scorecard?${new URLSearchParams({ since: from }).toString()}`);
  if (answer.status !== 200) return refused(answer);
  const card = answer.body as Scorecard;
  if (html !== undefined) await save(html, scorecardPage(card), 0o666);
  if (json) printJson(card);
  else print(html === undefined ? renderScorecard(card) : `Written to ${html}.`);
  return EXIT.done;
}

const WIDTH = 100;
const COLUMNS = [23, 8, 10, 6, 7, 7, 7, 4, 7].map((width) => ({ width }));

/** As a table, at most 100 columns wide; times are UTC. */
export function renderScorecard(card: Scorecard): string {
  return [
    `C4HXP's webhooks, ${minute(card.since)} to ${minute(card.until)} UTC.`,
    '',
    ...rowOf(COLUMNS, HEADINGS, 0),
    ...card.events.flatMap((event) => rowOf(COLUMNS, columnsOf(event), 0)),
    '',
    ...card.contractBreaks.flatMap((one) => wrap(breakLine(one), WIDTH)),
    ...summaryLines(card).flatMap((line) => wrap(line, WIDTH)),
  ].join('\n');
}
