import {
  condition,
  continueAsNew,
  isCancellation,
  setCurrentDetails,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { heading } from '../src/domain/visibility.js';
import type { NotifyInput, SubjectProjection } from '../src/domain/activities.js';
import type { Fact, JourneyStart, SignalBatch } from '../src/domain/facts.js';
import { isEarlyWarning, type Escalation } from './policy/attention.js';
import { decide } from './core/decide.js';
import { details } from './details.js';
import type { Query } from './policy/questions.js';
import { answered, asked, begin, cameBack, learn, recalled, type Knowledge } from './core/knowledge.js';
import { nextActions, type NextActions } from './core/next-actions.js';
import { endingOf, notifyInput, recordedDecision, settleInput } from './core/activity-inputs.js';
import { afterwards, type Decision } from './core/decisions.js';
import { changedAttributes, shown, shownAtStart, type Shown } from './core/projection.js';
import { differs } from './view.js';
import { email, emailOptions, local, partner, partnerOptions } from './temporal/activities.js';
import { Alarm } from './temporal/alarm.js';
import { endingOfDeath } from './temporal/endings.js';
import { BackgroundTasks } from './temporal/background-tasks.js';
import {
  askedUntilThereIsNews,
  bounceStays,
  earlyWarningCalls,
  fastReportsCount,
  humansHaveTime,
  retryIsTheCause,
} from './run/patches.js';

/** What continue-as-new hands on. */
interface Carried {
  readonly known: Knowledge;
  readonly alerted: readonly string[];
  readonly view: SubjectProjection | null;
}

/** The argument of a journey: as the relay gives it, and as a journey gives it to its own next run. */
export interface Start extends JourneyStart {
  readonly carried?: Carried;
  /** From how many events on a run hands over to a new one. */
  readonly handOverAfter?: number;
}

/** What is to be done now, and what is still to come. */
export interface Plan {
  readonly decisions: readonly Decision[];
  /** What was known when it was made. */
  readonly known: Knowledge;
  readonly outlook: NextActions;
  /** ms */
  readonly now: number;
}

/** Well below the 4,096 at which Temporal itself suggests it. */
const HAND_OVER_AFTER = 3_000;

/**
 * One journey, driven: what is known lives here, what is decided comes from `decide`, and what is done is done by
 * activities beside the loop, whose outcomes come back as news.
 */
export class Journey {
  private known: Knowledge;
  private fresh: Fact[] = [];
  private hasNews = true;
  private wasSetBack = false;
  private wasWoken = false;
  private alerted: readonly string[];
  /** The view that the database has last been told. */
  private told: SubjectProjection | null;
  private shown: Shown;
  private readonly errands = new BackgroundTasks();
  private readonly calledBackBy = new Map<string, Decision>();
  private readonly alarm = new Alarm(() => {
    this.wasWoken = true;
    this.hasNews = true;
  });

  constructor(
    subject: string,
    private readonly start: Start,
  ) {
    this.known = start.carried?.known ?? begin(subject, start.prior, start.settings);
    this.alerted = start.carried?.alerted ?? [];
    this.told = start.carried?.view ?? null;
    this.shown = shownAtStart(workflowInfo().typedSearchAttributes);
  }

  /** A signal: all that was pending. Facts that are known already are no news. */
  hear(batch: SignalBatch): void {
    if (batch.before > this.known.facts.length) this.wasSetBack = true;
    this.understand(learn({ ...this.known, settings: batch.settings }, batch.facts, bounceStays));
  }

  private understand(learned: { readonly known: Knowledge; readonly fresh: Fact[] }): void {
    this.known = learned.known;
    this.fresh.push(...learned.fresh);
    this.hasNews = true;
  }

  /** Waits for something new: a fact, what became of an errand, or the alarm. */
  async news(): Promise<void> {
    await condition(() => this.hasNews);
  }

  /** Reads what only the database knows: the facts that a run which was set back has lost, the settings of today. */
  async catchUp(): Promise<void> {
    this.hasNews = false;
    while (this.wasSetBack) {
      this.wasSetBack = false;
      const remembered = await local.recall(this.known.subject);
      this.understand(recalled(this.known, remembered, bounceStays));
    }
    if (this.wasWoken) {
      this.wasWoken = false;
      const settings = await local.readSettings();
      this.known = { ...this.known, settings };
    }
    this.hasNews = false;
  }

  /** The policy's answer to all that is known now. */
  decide(): Plan {
    const now = Date.now();
    const known = this.known;
    const decisions = decide(known, this.fresh, now, retryIsTheCause);
    this.fresh = [];
    this.known = afterwards(known, decisions, now);
    return { decisions, known, outlook: nextActions(this.known, now), now };
  }

  /** Starts what is to be done beside the loop, and has the rest written down. */
  async carryOut({ decisions, known, outlook: ahead, now }: Plan): Promise<void> {
    for (const decision of decisions) {
      if (decision.effect === 'send') this.send(decision, notifyInput(decision, known, now, ahead.projection));
      if (decision.effect === 'call_back') this.callBack(decision);
    }
    if (ahead.question !== null) this.ask(ahead.question, now);
    if (ahead.questionIsPointless) this.errands.callBack('question');
    this.alert(ahead.escalations, now);
    this.show(ahead);
    this.alarm.set(ahead.isOver ? null : ahead.alarm, now, this.isSending);
    await this.record(decisions, known, ahead.projection, now);
  }

  /** Nothing waits, nothing runs, nothing came: the journey may end. */
  isOver({ outlook: ahead }: Plan): boolean {
    return ahead.isOver && !this.hasNews && this.errands.count === 0;
  }

  /** A long history is handed over to a new run, in a moment when nothing runs. */
  async handOverIfLong(): Promise<void> {
    const { historyLength, continueAsNewSuggested } = workflowInfo();
    const limit = this.start.handOverAfter ?? HAND_OVER_AFTER;
    const isLong = continueAsNewSuggested || historyLength > limit;
    if (!isLong || this.hasNews || this.errands.count > 0) return;
    const carried: Carried = { known: this.known, alerted: this.alerted, view: this.told };
    await continueAsNew({ ...this.start, prior: { facts: [], notifications: [] }, carried } satisfies Start);
  }

  private get isSending(): boolean {
    return this.known.notifications.some(({ flight }) => flight !== 'none');
  }

  private send(decision: Decision, input: NotifyInput): void {
    const name = nameOf(decision);
    if (decision.verdict === 'not_send') this.calledBackBy.set(name, decision);
    this.errands.start(name, async (scope) => {
      const outcome = await scope
        .run(() => email.notifyPatient.executeWithOptions(emailOptions(input.kind), [input]))
        .catch((error: unknown) => this.settle(name, input, error));
      this.calledBackBy.delete(name);
      this.known = cameBack(this.known, input, outcome, Date.now(), humansHaveTime, fastReportsCount);
      this.hasNews = true;
    });
  }

  /** The last attempt has died or was called back: the database says what the row became. */
  private settle(name: string, input: NotifyInput, error: unknown): ReturnType<typeof local.settle> {
    const by = this.calledBackBy.get(name) ?? null;
    const ending = isCancellation(error) ? endingOf(by) : endingOfDeath(error);
    const now = Date.now();
    return local.settle(settleInput(input, ending, by, nextActions(this.known, now).projection, now));
  }

  private callBack(decision: Decision): void {
    this.calledBackBy.set(nameOf(decision), decision);
    this.errands.callBack(nameOf(decision));
  }

  private ask(query: Query, now: number): void {
    const { why } = query;
    const again = query.again !== undefined && askedUntilThereIsNews() ? query.again : undefined;
    this.known = asked(this.known, why, now, again);
    const input = { subject: this.known.subject, why, ...(again === undefined ? {} : { again }) };
    this.errands.start('question', async (scope) => {
      const { outcome, cause } = await scope
        .run(() => partner.askPartner.executeWithOptions(partnerOptions(input), [input]))
        .catch(() => ({ outcome: 'failed' as const, cause: undefined }));
      this.known = answered(this.known, outcome, cause ?? null);
      this.hasNews = true;
    });
  }

  /** Staff are called once for each thing that needs them. */
  private alert(concerns: readonly Escalation[], now: number): void {
    const calls = concerns.filter(
      (escalation) => escalation.alerts && (!isEarlyWarning(escalation) || earlyWarningCalls()),
    );
    for (const { code, kind } of calls) {
      const name = `alert ${code} ${kind ?? ''}`;
      if (this.alerted.includes(name)) continue;
      this.alerted = [...this.alerted, name];
      const input = { subject: this.known.subject, code, at: now, ...(kind === undefined ? {} : { kind }) };
      this.errands.start(name, async (scope) => {
        await scope
          .run(() => email.alertStaff.executeWithOptions(emailOptions('staff.alert'), [input]))
          // The desk and the metric show it all the same.
          .catch(() => undefined);
        this.hasNews = true;
      });
    }
    // What is over may come again, and is then called anew.
    const present = calls.map(({ code, kind }) => `alert ${code} ${kind ?? ''}`);
    this.alerted = this.alerted.filter((name) => present.includes(name));
  }

  /** What an operator sees in Temporal: search attributes, and a page of text. */
  private show(ahead: NextActions): void {
    const page = details(this.known, ahead);
    const isFirstRun = this.start.carried === undefined;
    setCurrentDetails(isFirstRun ? page : `${heading(this.known.subject)}\n\n${page}`);
    const next = shown(this.known, ahead.projection);
    const changed = changedAttributes(this.shown, next);
    if (changed.length > 0) upsertSearchAttributes(changed);
    this.shown = next;
  }

  /** All that was decided and isn't sent, in one go; a send takes the new view along. */
  private async record(
    rulings: readonly Decision[],
    known: Knowledge,
    projection: SubjectProjection,
    now: number,
  ): Promise<void> {
    const decisions = rulings
      .filter(({ effect }) => effect === 'settle' || effect === 'note')
      .map((decision) => recordedDecision(decision, known, now));
    const goesAlong = rulings.some(({ effect }) => effect === 'send');
    const isStale = differs(this.told, projection);
    this.told = projection;
    if (decisions.length === 0 && (goesAlong || !isStale)) return;
    await local.record({ subject: known.subject, projection, decisions });
  }
}

const nameOf = ({ candidate: { subject, kind, occurrence } }: Decision): string =>
  `${subject} ${kind} ${String(occurrence)}`;
