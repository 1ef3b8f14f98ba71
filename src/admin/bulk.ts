import { setImmediate as yieldToOthers } from 'node:timers/promises';
import type { FastifyError } from 'fastify';
import type { Arrival } from '../domain/arrivals.js';
import type { Subject } from '../domain/subjects.js';
import type { ListedSubject } from '../ledger/ledger.js';
import { arrivalIfAsked, askUnder, type CommandBody, EVENT_OF } from './ask-command.js';
import type { EmailOutlook } from './outlook.js';
import type { AdminPorts } from './ports.js';
import { type AdminLog, Problem, problemOf } from './problems.js';
import type { BulkAction } from './schemas.js';
import { pageOf, type SubjectSelection } from './subject-pages.js';

export interface BulkPorts extends AdminPorts {
  readonly log: AdminLog;
}

/** A command over a selection. */
export interface BulkCommand {
  readonly of: 'kit' | 'order';
  readonly action: BulkAction;
  readonly selection: SubjectSelection;
  readonly by?: string | undefined;
  readonly reason?: string | undefined;
}

/** So many that fail one after the other have one cause, such as a database that is away. */
const MOST_IN_A_ROW = 3;

/** Of whom the command was not asked, and why. */
export interface Refused {
  readonly subject: string;
  readonly code: string;
  readonly detail: string;
}

interface BulkPage {
  /** As of when they are meant (ISO 8601): `until` of the next page, so that what changes meanwhile isn't met again. */
  readonly until: string;
  /** `after` of the next page; null when this is the last. */
  readonly next: string | null;
  /** To whom it doesn't apply. */
  readonly passedOver: readonly Refused[];
}

export interface AskedPage extends BulkPage {
  readonly subjects: readonly {
    readonly subject: Subject;
    /** `told` shows, by it, what became of it. */
    readonly cause: string;
    /** In this run it was asked before. */
    readonly repeated: boolean;
  }[];
  /** Where something failed; where nothing can be kept, the page ends with it, and there is no next one. */
  readonly failed: readonly Refused[];
}

export interface RehearsedBulkPage extends BulkPage {
  /** To whom it applies. */
  readonly subjects: readonly Subject[];
  /** What would become of the emails that it calls for. */
  readonly emails: readonly EmailOutlook[];
}

/**
 * Asks a page of those who are selected. Each is committed by itself, under a key of its own within the run: whoever was
 * interrupted asks again, by the same run or another one, and those that were asked are passed over.
 */
export async function askSelected(ports: BulkPorts, command: BulkCommand, run: string): Promise<AskedPage> {
  const { page, rest } = await meant(ports, command);
  const [asked, passedOver, failed]: [AskedPage['subjects'][number][], Refused[], Refused[]] = [[], [], []];
  let inARow = 0;
  for (const one of page) {
    const subject = one.subject as Subject;
    try {
      await assertMeant(ports, one, command);
      const { cause, repeated } = await askUnder(ports, `${run}:${subject}`, subject, command.action, bodyOf(command));
      asked.push({ subject, cause, repeated });
      inARow = 0;
    } catch (error) {
      const problem = problemOf(error as FastifyError | Problem);
      (problem.status < 500 ? passedOver : failed).push(refusal(subject, problem));
      if (problem.status === 500) ports.log('a command of many failed', { subject, error: (error as Error).name });
      inARow = problem.status < 500 ? 0 : inARow + 1;
      // The next ones would only wait for the same.
      if (problem.status === 503 || inARow === MOST_IN_A_ROW)
        return { ...rest, next: null, subjects: asked, passedOver, failed };
    }
    await yieldToOthers();
  }
  return { ...rest, subjects: asked, passedOver, failed };
}

/** What the same would come to; changes nothing. */
export async function rehearseSelected(ports: AdminPorts, command: BulkCommand): Promise<RehearsedBulkPage> {
  const { page, rest } = await meant(ports, command);
  const arrivals: Arrival[] = [];
  const [subjects, passedOver]: [Subject[], Refused[]] = [[], []];
  for (const one of page) {
    const subject = one.subject as Subject;
    try {
      await assertMeant(ports, one, command);
      arrivals.push(await arrivalIfAsked(ports, subject, command.action, bodyOf(command)));
      subjects.push(subject);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      passedOver.push(refusal(subject, error));
    }
    await yieldToOthers();
  }
  return { ...rest, subjects, passedOver, emails: await ports.outlook(arrivals) };
}

async function meant({ ledger, clock }: AdminPorts, { of, selection }: BulkCommand) {
  const until = selection.until ?? new Date(clock()).toISOString();
  const { subjects, next } = await pageOf(ledger, of, { ...selection, until });
  return { page: subjects, rest: { until, next } };
}

const refusal = (subject: string, { code, detail }: Problem): Refused => ({ subject, code, detail });

/** What is acknowledged is all that somebody is shown to need; the rest may be about one kind. */
const bodyOf = ({ action, selection, by, reason }: BulkCommand): CommandBody =>
  action === 'acknowledge' ? { by, reason } : { kind: selection.kind, by, reason };

/**
 * Nobody looks at each of many: what a human has to look at first is left to be asked for by itself.
 * @throws Problem 409 with the reason.
 */
async function assertMeant({ ledger }: AdminPorts, one: ListedSubject, command: BulkCommand): Promise<void> {
  const { action, selection } = command;
  const { attention, kind } = selection;
  if (await ledger.isUnderWay(one.subject, EVENT_OF[action]))
    throw new Problem(409, 'under_way', 'It was asked for already, and has not reached its journey yet.');
  if (action === 'acknowledge' && typeof attention === 'string' && one.attention.some(({ code }) => code !== attention))
    throw new Problem(409, 'needs_more', `It needs more than ${attention}: look at it, and acknowledge it by itself.`);
  if (action !== 'retry' || attention === 'no_answer') return;
  const own = (await ledger.notificationStates(one.subject)).filter(({ subject }) => subject === one.subject);
  if (own.some((told) => told.status === 'unknown' && (kind === undefined || told.kind === kind)))
    throw new Problem(
      409,
      'may_have_gone',
      'An email of it may have gone out. Look into the mail server’s log, then select by no_answer, or retry it by itself.',
    );
}
