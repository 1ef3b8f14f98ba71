import {
  CancellationScope,
  condition,
  continueAsNew,
  isCancellation,
  setCurrentDetails,
  setDefaultSignalHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { AlertInput, AskInput, NotifyInput, SubjectProjection } from '../src/domain/activities.js';
import type { JourneyStart, SignalBatch } from '../src/domain/facts.js';
import type { NotificationKey } from '../src/domain/notifications.js';
import { kitSubject, orderSubject } from '../src/domain/subjects.js';
import { heading } from '../src/domain/visibility.js';
import { settleInput } from './core/activity-inputs.js';
import { begin, type Knowledge } from './core/knowledge.js';
import { changedAttributes, details, shown, shownAtStart, type Shown } from './core/projection.js';
import { isSetBack, step, type Effect, type News } from './core/step.js';
import { email, emailOptions, endingOfDeath, local, partner, partnerOptions } from './temporal/activities.js';
import { Alarm, BackgroundTasks } from './temporal/background.js';
import { rulesOfThisRun } from './temporal/rules.js';

export { retention } from './retention.js';
export { staffJourney } from './staff.js';

/** The argument of a journey: as the relay gives it, and as a journey gives it to its own next run. */
export interface Start extends JourneyStart {
  /** What continue-as-new hands on. */
  readonly carried?: Knowledge;
  /** From how many events on a run hands over to a new one. */
  readonly handOverAfter?: number;
}

/**
 * The story of a kit: something is learned of it (a webhook, the partner's answer, a bounce, an operator's command), the
 * policy decides who is told what, and the journey goes on until the patient has been told all there is to tell.
 */
export async function kitJourney(start: Start): Promise<void> {
  await new Journey(kitSubject(start.name), start).live();
}

/**
 * The story of an order, as its recipient is told it: prepared, on its way, cancelled. The kits in it have journeys of
 * their own; nothing that happens to them is told here.
 */
export async function orderJourney(start: Start): Promise<void> {
  await new Journey(orderSubject(start.name), start).live();
}

/** Well below the 4,096 events at which Temporal itself suggests it. */
const HAND_OVER_AFTER = 3_000;

/** Drives the core: brings it the news, carries its effects out, and decides nothing. */
class Journey {
  private known: Knowledge;
  private news: News[] = [];
  private wasSetBack = false;
  private rang = false;
  /** The first step needs no news: a run that was started again has what it knew. */
  private isAwake = true;
  private shown: Shown;
  private readonly rules = rulesOfThisRun();
  private readonly tasks = new BackgroundTasks();
  private readonly alarm = new Alarm(() => {
    this.rang = true;
    this.isAwake = true;
  });

  constructor(
    private readonly subject: string,
    private readonly start: Start,
  ) {
    this.known = start.carried ?? begin(subject, start.prior, start.settings);
    this.shown = shownAtStart(workflowInfo().typedSearchAttributes);
  }

  /**
   * Lives to its end. A request to cancel it, by a click in Temporal's UI, changes nothing: what waits (a hold, a
   * reminder, results that are being retried) would be forgotten with it.
   */
  async live(): Promise<void> {
    // A signal is named after the webhook it carries, so that Temporal's timeline reads as the subject's story.
    setDefaultSignalHandler((_event, batch) => {
      this.hear(batch as SignalBatch);
    });
    await CancellationScope.nonCancellable(async () => {
      for (;;) {
        await this.catchUp();
        const { known, effects, projection, alarm } = step(this.known, this.takeNews(), Date.now(), this.rules);
        this.known = known;
        for (const effect of effects) if (effect.do !== 'record') this.carryOut(effect);
        this.show(projection);
        this.alarm.set(alarm, Date.now(), this.isSending);
        for (const effect of effects) if (effect.do === 'record') await local.record(effect.input);
        if (projection.closed && this.isIdle) return;
        await this.handOverIfLong();
        await condition(() => this.isAwake);
      }
    });
  }

  /** A signal: all that was pending. */
  private hear(batch: SignalBatch): void {
    if (isSetBack(this.known, this.news, batch)) this.wasSetBack = true;
    this.learn({ of: 'signal', batch });
  }

  private learn(news: News): void {
    this.news.push(news);
    this.isAwake = true;
  }

  private takeNews(): News[] {
    const { news } = this;
    this.news = [];
    this.isAwake = false;
    return news;
  }

  /** Reads what only the database knows: the facts that a run which was set back has lost, the settings of today. */
  private async catchUp(): Promise<void> {
    while (this.wasSetBack) {
      this.wasSetBack = false;
      this.learn({ of: 'memory', prior: await local.recall(this.subject) });
    }
    if (this.rang) {
      this.rang = false;
      this.learn({ of: 'settings', settings: await local.readSettings() });
    }
  }

  /** Starts what runs beside the loop; what comes of it is news. */
  private carryOut(effect: Exclude<Effect, { do: 'record' }>): void {
    switch (effect.do) {
      case 'send':
        this.send(effect.input);
        return;
      case 'call_back':
        this.tasks.cancel(nameOfSend(effect.key));
        return;
      case 'ask':
        this.ask(effect.input);
        return;
      case 'stop_asking':
        this.tasks.cancel(QUESTION);
        return;
      case 'alert':
        this.alert(effect.input);
        return;
    }
  }

  private send(input: NotifyInput): void {
    this.tasks.start(nameOfSend(input), async (scope) => {
      const outcome = await scope
        .run(() => email.notifyPatient.executeWithOptions(emailOptions(input.kind), [input]))
        // The last attempt has died or was called back: the database says what the row became.
        .catch((error: unknown) => {
          const death = isCancellation(error) ? null : endingOfDeath(error);
          return local.settle(settleInput(this.known, input, death, Date.now()));
        });
      this.learn({ of: 'send', key: input, outcome, at: Date.now() });
    });
  }

  private ask(input: AskInput): void {
    this.tasks.start(QUESTION, async (scope) => {
      const { outcome, cause } = await scope
        .run(() => partner.askPartner.executeWithOptions(partnerOptions(input), [input]))
        .catch(() => ({ outcome: 'failed' as const, cause: undefined }));
      this.learn({ of: 'question', outcome, cause: cause ?? null });
    });
  }

  private alert(input: AlertInput): void {
    this.tasks.start('alert', async (scope) => {
      await scope
        .run(() => email.alertStaff.executeWithOptions(emailOptions('staff.alert'), [input]))
        // The desk and the metric show it all the same.
        .catch(() => undefined);
      this.isAwake = true;
    });
  }

  /** What an operator sees in Temporal: search attributes, and a page of text. */
  private show(projection: SubjectProjection): void {
    const page = details(this.known, projection);
    setCurrentDetails(this.start.carried === undefined ? page : `${heading(this.subject)}\n\n${page}`);
    const next = shown(this.known, projection);
    const changed = changedAttributes(this.shown, next);
    if (changed.length > 0) upsertSearchAttributes(changed);
    this.shown = next;
  }

  /** A long history is handed over to a new run, in a moment when nothing runs. */
  private async handOverIfLong(): Promise<void> {
    const { historyLength, continueAsNewSuggested } = workflowInfo();
    const isLong = continueAsNewSuggested || historyLength > (this.start.handOverAfter ?? HAND_OVER_AFTER);
    if (!isLong || !this.isIdle) return;
    await continueAsNew({
      ...this.start,
      prior: { facts: [], notifications: [] },
      carried: this.known,
    } satisfies Start);
  }

  private get isSending(): boolean {
    return this.known.notifications.some(({ flight }) => flight !== 'none');
  }

  /** Nothing runs, nothing came. */
  private get isIdle(): boolean {
    return !this.isAwake && this.tasks.count === 0;
  }
}

const QUESTION = 'question';
const nameOfSend = ({ subject, kind, occurrence }: NotificationKey): string =>
  `${subject} ${kind} ${String(occurrence)}`;
