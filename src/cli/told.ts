import type { Command } from 'commander';
import pc from 'picocolors';
import { adminClient } from '../admin/client.js';
import { isOfResults, isTimed, RESULTS_KINDS } from '../domain/kinds.js';
import type { Status } from '../domain/notifications.js';
import { isReached, STATUS_WORDS, TRANSIT_WORDS, why, whyFailed } from '../domain/words.js';
import { isOnItsWay } from '../domain/transit.js';
import type {
  Acknowledged,
  AttentionAnswer,
  SubjectAnswer,
  SubjectAnswers,
  ToldNotification,
  ToldTransit,
  ToldWebhook,
} from '../ledger/ledger.js';
import { type Column, EXIT, minute, print, printJson, refused, rowOf, run, save, wrap } from './output.js';

interface Options {
  readonly json?: true;
  readonly decisions?: true;
  readonly all?: true;
  readonly evidence?: string;
}

/** Adds `kit-herald told`: was this patient told, what, when, and if not, why not. */
export function registerTold(program: Command, env: NodeJS.ProcessEnv): void {
  program
    .command('told')
    .description('was this patient told, what, when, and if not, why not')
    .argument('<name>', 'a barcode, an order number, an email address or a Message-ID')
    .option('--all', 'also each reminder that was never needed, on a line of its own')
    .option('--decisions', 'also every decision behind each email')
    .option('--evidence <file>', 'write all that proves it of a kit or an order into one file, for kit-herald verify')
    .option('--json', 'print the answer as JSON')
    .action((name: string, options: Options, command: Command) =>
      run(command, () =>
        options.evidence === undefined ? told(name, options, env) : writeEvidence(name, options.evidence, env),
      ),
    );
}

/** @returns the exit code. @throws Refusal for wrong settings. */
async function told(name: string, { json, decisions, all }: Options, env: NodeJS.ProcessEnv): Promise<number> {
  const answer = await adminClient(env).post('/admin/told', { subject: name });
  if (answer.status !== 200) return refused(answer);
  if (json) {
    printJson(answer.body);
    return EXIT.done;
  }
  print(
    renderTold(answer.body as SubjectAnswer | SubjectAnswers, {
      width: process.stdout.columns || 80,
      colour: process.stdout.isTTY && env['NO_COLOR'] === undefined,
      decisions: decisions === true,
      all: all === true || decisions === true,
    }),
  );
  return EXIT.done;
}

/** @returns the exit code. */
async function writeEvidence(name: string, file: string, env: NodeJS.ProcessEnv): Promise<number> {
  const answer = await adminClient(env).get(`/admin/evidence/${encodeURIComponent(name)}`);
  if (answer.status !== 200) return refused(answer);
  await save(file, `${JSON.stringify(answer.body, null, 2)}\n`);
  print(`Written to ${file}. Check it, here or anywhere: kit-herald verify ${file}`);
  return EXIT.done;
}

interface RenderOptions {
  /** Characters a line may have. */
  readonly width: number;
  readonly colour: boolean;
  /** Every decision under its notification. */
  readonly decisions: boolean;
  /** Also each reminder that was never needed, on a line of its own. */
  readonly all: boolean;
}

const NARROWEST = 60;
const WIDEST = 120;

/** What `told` prints: first whether they were told, then each email and why not, then what came in. */
export function renderTold(told: SubjectAnswer | SubjectAnswers, options: RenderOptions): string {
  const stories = 'subjects' in told ? told.subjects : [told];
  return stories.map((story) => renderStory(story, options)).join('\n\n');
}

function renderStory(story: SubjectAnswer, options: RenderOptions): string {
  const width = Math.min(Math.max(options.width, NARROWEST), WIDEST);
  const colours = pc.createColors(options.colour);
  const [kind = '', name = ''] = story.subject.split(/:(.*)/s);
  const order = kind === 'kit' && story.order !== null ? `, order ${story.order}` : '';
  const lines = [
    colours.bold(`${kind === 'kit' ? 'Kit' : kind === 'order' ? 'Order' : kind} ${name}${order}`),
    ...summaryOf(story).flatMap((sentence) => indented(sentence, width)),
    ...story.attention.flatMap((one) => indented(needs(one), width).map(colours.yellow)),
    ...story.acknowledged.flatMap((one) => indented(acknowledgement(one), width)),
    '',
    ...notifications(story.notifications, width, options, colours),
    '',
    ...webhooks(story.webhooks, width, colours),
  ];
  return lines.join('\n');
}

type Colours = ReturnType<typeof pc.createColors>;

const indented = (text: string, width: number): string[] => wrap(text, width - 2).map((line) => `  ${line}`);

const WHEN = 16;
const STATUS = 9;
const WHAT = 22;
const VERDICT = 11;
const EVENT = 24;

function notifications(
  all: readonly ToldNotification[],
  width: number,
  { decisions, all: each }: RenderOptions,
  colours: Colours,
): string[] {
  if (all.length === 0) return ['Emails: none'];
  const pointless = each ? [] : all.filter(wasNeverNeeded);
  const paint: Partial<Record<Status, (text: string) => string>> = {
    sent: colours.green,
    delivered: colours.green,
    failed: colours.red,
    bounced: colours.red,
    complained: colours.red,
    unknown: colours.yellow,
    deferred: colours.yellow,
  };
  const rest = width - 2 - WHEN - STATUS - WHAT - 6;
  return [
    colours.bold('Emails (times in UTC)'),
    ...all
      .filter((one) => !pointless.includes(one))
      .flatMap((one) => {
        const columns: Column[] = [
          { width: WHEN },
          { width: STATUS, paint: paint[one.status] ?? ((text) => text) },
          { width: WHAT },
          { width: rest },
        ];
        return [
          ...rowOf(columns, [
            minute(one.settledAt ?? one.decidedAt),
            STATUS_WORDS[one.status],
            nameOf(one),
            detail(one),
          ]),
          ...(decisions ? one.decisions.flatMap((decision) => decisionLines(decision, width)) : []),
        ];
      }),
    ...(pointless.length === 0 ? [] : indented(`Not needed: ${pointless.map(nameOf).join(', ')} (--all)`, width)),
  ];
}

const nameOf = ({ kind, occurrence }: ToldNotification): string =>
  occurrence === 1 ? kind : `${kind} #${String(occurrence)}`;

/** A clock that was stopped before an email was tried: the kit came back in time, or was called off. */
const wasNeverNeeded = ({ kind, status, reason, attempts }: ToldNotification): boolean =>
  isTimed(kind) && status === 'not_sent' && (reason === 'superseded' || reason === 'cancelled') && attempts === 0;

function detail(one: ToldNotification): string {
  const parts = [
    why(one),
    one.to === null ? '' : `to ${one.to}`,
    one.possiblyDuplicate ? 'perhaps twice' : '',
    one.attempts > 1 ? `${String(one.attempts)} tries` : '',
    one.smtpReply !== null && !isReached(one.status) ? `“${one.smtpReply}”` : '',
  ];
  return parts.filter(Boolean).join('; ');
}

function decisionLines(
  { at, verdict, reason, cause, rule }: ToldNotification['decisions'][number],
  width: number,
): string[] {
  const decided = { send: 'send', wait: 'wait', not_send: 'do not send' }[verdict];
  const text = `${minute(at)} ${decided}${reason === null ? '' : ` (${reason})`}, by ${cause}: ${rule}`;
  return wrap(text, width - 6).map((line, at_) => `${at_ === 0 ? '    · ' : '      '}${line}`);
}

function webhooks(all: readonly ToldWebhook[], width: number, colours: Colours): string[] {
  if (all.length === 0) return ['Webhooks: none'];
  const columns: Column[] = [
    { width: WHEN },
    { width: VERDICT },
    { width: EVENT },
    { width: width - 2 - WHEN - VERDICT - EVENT - 6 },
  ];
  return [
    colours.bold('Webhooks (times in UTC)'),
    ...all.flatMap((one) => {
      const notes = [
        one.id,
        one.duplicates > 0 ? `came ${String(one.duplicates + 1)} times` : '',
        one.altered ? 'with other bytes' : '',
        one.idReused ? 'its id was used before' : '',
        one.reason ?? '',
        one.bodyState === 'kept' ? '' : `body ${one.bodyState}`,
      ];
      return rowOf(columns, [
        minute(one.receivedAt),
        one.status,
        one.event ?? 'unknown',
        notes.filter(Boolean).join('; '),
      ]);
    }),
  ];
}

/** The answer before the details, a sentence each: where it stands, whether they were told, what comes next. */
function summaryOf(story: SubjectAnswer): string[] {
  const { state, closedAt, because, shippedLater, transit, next, partnerMaintenance } = story;
  const ways = isOnItsWay(state) ? transit : [];
  return [
    `State: ${state}${closedAt === null ? '' : `, closed ${minute(closedAt)}`}`,
    ...(because === null ? [] : [`${state === 'failed' ? 'Failed' : 'Had failed'} because: ${whyFailed(because)}.`]),
    ...erasure(story),
    emailsReached(story),
    ...results(story),
    ...(shippedLater.length === 0 ? [] : [`Shipped later in this order: ${shippedLater.join(', ')}.`]),
    ...(ways.length === 0 ? [] : [`On the way: ${ways.map(way).join('; ')}.`]),
    ...(next === null ? [] : [`Next: ${next.what}, ${minute(next.at)}`]),
    ...(partnerMaintenance === null
      ? []
      : [`C4HXP's maintenance, until ${minute(partnerMaintenance.until)}: it is not asked; emails go on.`]),
  ];
}

function erasure({ erased }: SubjectAnswer): string[] {
  if (erased === null) return [];
  const { at, by, doneAt } = erased;
  const waits = doneAt === null ? '; an email that was leaving is waited for' : '';
  return [`Erased on ${minute(at)}${by === null ? '' : ` by ${by}`}: the patient was forgotten on request${waits}.`];
}

const way = ({ what, at, heardAt }: ToldTransit): string =>
  `${TRANSIT_WORDS[what]}${at === null ? `, as we heard ${minute(heardAt)}` : ` ${minute(at)}`}`;

const needs = ({ since, sentence }: AttentionAnswer): string => `NEEDS ATTENTION since ${minute(since)}: ${sentence}`;

function acknowledgement({ by, reason, at, codes }: Acknowledged): string {
  const about = codes.length === 0 ? '' : ` (${codes.join(', ')})`;
  // Who and why are kept as long as the bodies of webhooks are.
  return `Acknowledged ${minute(at)}${by === null ? '' : ` by ${by}`}${about}: ${reason ?? 'the reason is not kept any more'}.`;
}

function emailsReached({ notifications }: SubjectAnswer): string {
  const reached = notifications.filter(({ status }) => isReached(status));
  const last = [...reached].sort((one, other) => settled(one).localeCompare(settled(other))).at(-1);
  if (last === undefined) {
    return notifications.length === 0 ? 'Nobody was told anything so far.' : 'Told: nothing so far; see below why.';
  }
  const emails = reached.length === 1 ? '1 email' : `${String(reached.length)} emails`;
  return `Told: ${emails}, the last ${last.kind} ${whenAndWhere(last)}.`;
}

/** Whether the patient knows of the results: what everybody asks for in the end. */
function results({ state, notifications }: SubjectAnswer): string[] {
  const words = notifications.filter(({ kind }) => isOfResults(kind));
  const first = words.find(({ status }) => isReached(status));
  if (first !== undefined) return [`Results: told ${whenAndWhere(first)}.`];
  const last = words.at(-1);
  if (last === undefined) return RESULTS_KINDS.some((kind) => kind === state) ? ['Results: NOT TOLD so far.'] : [];
  const because = why(last);
  return [`Results: NOT TOLD: ${last.kind} ${STATUS_WORDS[last.status]}${because === '' ? '' : `, ${because}`}.`];
}

const settled = ({ settledAt, decidedAt }: ToldNotification): string => settledAt ?? decidedAt;

const whenAndWhere = (one: ToldNotification): string =>
  `${minute(settled(one))}${one.to === null ? '' : ` to ${one.to}`}`;
