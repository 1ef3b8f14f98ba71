import { type Command, Option } from 'commander';
import type { AdminClient } from '../admin/client.js';
import type { SubjectPage } from '../admin/subject-pages.js';
import { ATTENTION_CODES, type AttentionCode } from '../domain/attention.js';
import { DAY, HOUR, MINUTE } from '../domain/durations.js';
import { KIND_NAMES } from '../domain/kinds.js';
import { nameOf, STATES } from '../domain/subjects.js';
import { ago } from './ago.js';
import { EXIT, print, printJson, refused, rowOf } from './output.js';

export type SubjectsGroup = 'kits' | 'orders';

/** Which kits or orders; what is said together must all be so. */
export interface FilterOptions {
  readonly attention?: true | AttentionCode;
  readonly state?: string;
  /** ms before now */
  readonly olderThan?: number;
  readonly kind?: string;
}

export const OF_KIND = 'those whose latest email of this kind waits, failed, came back or got no answer';

/** The options of `FilterOptions`, for a list and for a command over a selection. */
export function addFilters(command: Command, what: SubjectsGroup, ofKind = OF_KIND): void {
  const states = STATES[what === 'kits' ? 'kit' : 'order'];
  command
    .addOption(
      new Option('--attention [code]', 'those for which a human is asked; with a code, those that need that').choices(
        ATTENTION_CODES,
      ),
    )
    .addOption(new Option('--state <state>', 'those in this state').choices(states))
    .option(
      '--older-than <duration>',
      'those for which a human has been asked for so long, such as 3d; where none is asked, those that have been in their state for so long',
      ago,
    )
    .addOption(new Option('--kind <kind>', ofKind).choices(KIND_NAMES));
}

/** The filters as the admin API takes them. */
export function filterOf({ attention, state, olderThan, kind }: FilterOptions) {
  const until = olderThan === undefined ? undefined : new Date(Date.now() - olderThan).toISOString();
  return { attention, state, kind, until };
}

export interface ListOptions extends FilterOptions {
  readonly open?: true;
  readonly after?: string;
  readonly json?: true;
}

/** Adds `kit-herald kits list`, or the same for orders. */
export function addList(
  group: Command,
  what: SubjectsGroup,
  run: (options: ListOptions, command: Command) => Promise<void>,
): void {
  const command = group
    .command('list')
    .description(`${what}, and what a human is asked to do; those first that have stood longest as they do`);
  addFilters(command, what);
  command
    .option('--open', 'those whose journey has not ended')
    .option('--after <page>', 'the page after this one')
    .option('--json', 'print the answer as JSON')
    .action(run);
}

/** Prints a page of them. @returns the exit code. */
export async function list(client: AdminClient, what: SubjectsGroup, options: ListOptions): Promise<number> {
  const { open, after, json } = options;
  const filter = Object.entries({ ...filterOf(options), open, after }).filter(([, value]) => value !== undefined);
  const query = new URLSearchParams(filter.map(([key, value]): [string, string] => [key, String(value)]));
  const answer = await client.get(`/admin/${what}?${query.toString()}`);
  if (answer.status !== 200) return refused(answer);
  const page = answer.body as SubjectPage;
  if (json) printJson(page);
  else print(renderList(page, what, Date.now()));
  return EXIT.done;
}

const COLUMNS = [{ width: 20 }, { width: 17 }, { width: 4 }, { width: 33 }];

/** A line for each, at most 80 columns wide. `now`: ms. */
export function renderList({ subjects, next }: SubjectPage, what: SubjectsGroup, now: number): string {
  if (subjects.length === 0) return 'None.';
  const name = what === 'kits' ? 'kit' : 'order';
  return [
    ...rowOf(COLUMNS, [name, 'state', 'for', 'what a human is asked to do'], 0),
    ...subjects.flatMap(({ subject, state, since, attention }) => {
      const age = ageOf(now - Date.parse(since));
      const sentences = [...new Set(attention.map(({ sentence }) => sentence))];
      return rowOf(COLUMNS, [nameOf(subject), state, age, sentences.join(' ')], 0);
    }),
    ...(next === null ? [] : ['', `More: the same with --after ${next}`]),
  ].join('\n');
}

const UNITS = [
  ['d', DAY],
  ['h', HOUR],
] as const;

/** To the largest whole unit: it is for a glance. */
function ageOf(ms: number): string {
  const unit = UNITS.find(([, size]) => ms >= size);
  return unit === undefined
    ? `${String(Math.max(0, Math.floor(ms / MINUTE)))}m`
    : `${String(Math.floor(ms / unit[1]))}${unit[0]}`;
}
