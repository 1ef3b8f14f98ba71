import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import type { AskedPage, Refused, RehearsedBulkPage } from '../admin/bulk.js';
import { type AdminAnswer, type AdminClient, detailOf } from '../admin/client.js';
import type { EmailOutlook } from '../admin/outlook.js';
import type { BulkAction } from '../admin/schemas.js';
import { Refusal, Unavailable } from '../config/refusal.js';
import { nameOf } from '../domain/subjects.js';
import { EXIT, print, printJson, refused, rowOf, wrap } from './output.js';
import { renderEmails } from './replay.js';
import { type FilterOptions, filterOf, type SubjectsGroup } from './subject-list.js';

export interface BulkOptions extends FilterOptions {
  readonly reason?: string;
  readonly dryRun?: true;
  readonly yes?: true;
  readonly json?: true;
}

const selectsSome = ({ attention, state, olderThan, kind }: FilterOptions): boolean =>
  [attention, state, olderThan, kind].some((one) => one !== undefined);

/** One thing to do to all who are selected. */
interface Bulk {
  readonly what: SubjectsGroup;
  readonly action: BulkAction;
  readonly options: BulkOptions;
}

/**
 * Asks all who are selected, or says what that would come to.
 * @returns the exit code: 1 where some failed. @throws Refusal where nobody is selected, or it isn't clear whether it is meant.
 */
export async function bulk(client: AdminClient, { what, action, options }: Bulk): Promise<number> {
  const { dryRun, yes } = options;
  if (!selectsSome(options)) {
    const name = what === 'kits' ? 'a barcode' : 'an order number';
    throw new Refusal(`Name ${name}, or select some by --attention, --state, --older-than or --kind.`);
  }
  if (dryRun === yes) {
    throw new Refusal(`Say either --dry-run, to see which emails would go and which not, or --yes, to ${action} them.`);
  }
  return dryRun ? await rehearse(client, { what, action, options }) : await askAll(client, { what, action, options });
}

async function rehearse(client: AdminClient, { what, action, options }: Bulk): Promise<number> {
  const passedOver: Refused[] = [];
  const subjects: string[] = [];
  const emails = new Map<string, EmailOutlook>();
  for await (const answer of pages(client, `/admin/${what}/rehearse-${action}`, bodyOf(options), {})) {
    if (answer.status !== 200) return refused(answer);
    const page = answer.body as RehearsedBulkPage;
    subjects.push(...page.subjects);
    passedOver.push(...page.passedOver);
    // A reminder is decided by each kit of an order, and goes once.
    for (const email of page.emails) emails.set([email.subject, email.kind, email.occurrence].join(' '), email);
  }
  const found = { subjects, passedOver, emails: [...emails.values()] };
  if (options.json) printJson(found);
  else print(renderRehearsal(what, action, found));
  return EXIT.done;
}

async function askAll(client: AdminClient, { what, action, options }: Bulk): Promise<number> {
  const asked: AskedPage['subjects'][number][] = [];
  const passedOver: Refused[] = [];
  const failed: Refused[] = [];
  let stopped: string | null = null;
  const run = { 'idempotency-key': `cli_${randomUUID()}` };
  try {
    for await (const answer of pages(client, `/admin/${what}/${action}`, bodyOf(options), run)) {
      // Before anything was done a refusal is all there is to say.
      if (answer.status !== 200 && asked.length + passedOver.length + failed.length === 0) return refused(answer);
      if (answer.status !== 200) {
        stopped = detailOf(answer);
        break;
      }
      const page = answer.body as AskedPage;
      asked.push(...page.subjects);
      passedOver.push(...page.passedOver);
      failed.push(...page.failed);
      if (page.next !== null) progress(what, { asked, passedOver, failed });
    }
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    stopped = error.message;
  }
  const done = { subjects: asked, passedOver, failed };
  // Also where it stopped: those before it are on their way.
  if (options.json) printJson({ ...done, stopped });
  else print(renderAsked(what, action, { ...done, stopped }));
  return failed.length > 0 || stopped !== null ? EXIT.failed : EXIT.done;
}

/** All pages until there is no more, or one isn't answered with 200. */
async function* pages(
  client: AdminClient,
  path: string,
  body: object,
  headers: Readonly<Record<string, string>>,
): AsyncGenerator<AdminAnswer> {
  let place: object = {};
  for (;;) {
    const answer = await client.post(path, { ...body, ...place }, headers);
    yield answer;
    if (answer.status !== 200) return;
    const { until, next } = answer.body as AskedPage;
    if (next === null) return;
    place = { until, after: next };
  }
}

const bodyOf = (options: BulkOptions): object => ({
  ...filterOf(options),
  reason: options.reason,
  by: userInfo().username,
});

const WIDTH = 80;
const MOST_NAMED = 20;

interface Asked {
  readonly subjects: readonly unknown[];
  readonly passedOver: readonly Refused[];
  readonly failed: readonly Refused[];
}

/** On stderr, so that what is printed at the end is clean. */
function progress(what: SubjectsGroup, so: { asked: readonly unknown[] } & Omit<Asked, 'subjects'>): void {
  const { asked, passedOver, failed } = so;
  process.stderr.write(`${counted(what, { subjects: asked, passedOver, failed })} so far …\n`);
}

const counted = (what: SubjectsGroup, { subjects, passedOver, failed }: Asked): string =>
  [
    `${count(subjects.length, what)} asked`,
    ...(passedOver.length === 0 ? [] : [`${String(passedOver.length)} passed over`]),
    ...(failed.length === 0 ? [] : [`${String(failed.length)} failed`]),
  ].join(', ');

/** What a command over a selection came to; at most 80 columns wide. `stopped`: why it ended before the end. */
export function renderAsked(
  what: SubjectsGroup,
  action: BulkAction,
  { stopped, ...asked }: Asked & { readonly stopped: string | null },
): string {
  const { subjects, passedOver, failed } = asked;
  if (subjects.length + passedOver.length + failed.length === 0 && stopped === null) return NOBODY;
  const again = 'Ask again: those that were asked are passed over.';
  const ends = stopped === null ? (failed.length === 0 ? '' : ` ${again}`) : ` It stopped: ${stopped} ${again}`;
  return [
    ...wrap(`${action}: ${counted(what, asked)}. What becomes of each says told, and ${what} list.${ends}`, WIDTH),
    ...named('Passed over', passedOver),
    ...named('Failed', failed),
  ].join('\n');
}

/** What it would come to. */
export function renderRehearsal(
  what: SubjectsGroup,
  action: BulkAction,
  { subjects, passedOver, emails }: Omit<Asked, 'failed'> & { readonly emails: readonly EmailOutlook[] },
): string {
  if (subjects.length + passedOver.length === 0) return NOBODY;
  const sentence = `${action} applies to ${count(subjects.length, what)}; ${String(passedOver.length)} would be passed over. Nothing was sent or changed.`;
  return [...wrap(sentence, WIDTH), '', ...renderEmails(emails), ...named('Would be passed over', passedOver)].join(
    '\n',
  );
}

const NOBODY = 'Nobody is meant by that.';

const COLUMNS = [{ width: 20 }, { width: 56 }];

function named(title: string, refusals: readonly Refused[]): string[] {
  if (refusals.length === 0) return [];
  const more = refusals.length - MOST_NAMED;
  return [
    '',
    `${title}: ${String(refusals.length)}`,
    ...refusals.slice(0, MOST_NAMED).flatMap(({ subject, detail }) => rowOf(COLUMNS, [nameOf(subject), detail])),
    ...(more > 0 ? [`  … and ${String(more)} more: --json has all of them`] : []),
  ];
}

const count = (number: number, what: SubjectsGroup): string =>
  `${String(number)} ${number === 1 ? what.slice(0, -1) : what}`;
