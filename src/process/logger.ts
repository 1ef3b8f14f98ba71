import { destination, type Logger, pino } from 'pino';
import type { LogLine } from '../temporal/runtime.js';
import type { Arrival } from '../domain/arrivals.js';
import type { NotificationKey, Reason, Status } from '../domain/notifications.js';
import type { Source } from '../domain/sources.js';
import type { Intake } from '../inbox/intake.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Retention } from '../privacy/retention.js';
import type { Count, ReceiverLog } from '../receiver/ports.js';

/** JSON lines on stderr, so that stdout is for people. Ids and codes only: rooms never log what somebody wrote. */
export function createLogger(level: string): Logger {
  return pino(
    {
      level,
      base: { pid: process.pid },
      formatters: { level: (label) => ({ level: label }) },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      // Should an error ever be logged as it is: its message may quote a row or an SMTP reply, so only its kind is kept.
      serializers: { err: errorLabel, error: errorLabel },
    },
    // Written at once: what was said before a kill -9 must be there.
    destination({ fd: 2, sync: true }),
  );
}

/** The class of an error and its code; never its message. A word passes as it is. */
export function errorLabel(error: unknown): string {
  if (typeof error === 'string') return error;
  if (!(error instanceof Error)) return typeof error;
  const { code } = error as { code?: unknown };
  return typeof code === 'string' || typeof code === 'number' ? `${error.name} ${String(code)}` : error.name;
}

export const toLogLine =
  (logger: Logger): LogLine =>
  (level, known, sentence) => {
    logger[level](known, sentence);
  };

/*
 * The lines by which a person who has nothing but the log follows a kit: what came in, what became of each email, what
 * was refused. docs/logs.md explains them. Ids, codes and times only: each line names its fields, so that nothing else
 * gets in.
 */

/** The part of a pino logger that the lines need. */
export interface LineLog {
  info(fields: object, sentence: string): void;
  warn(fields: object, sentence: string): void;
  error(fields: object, sentence: string): void;
}

const TAKEN: Readonly<Record<Source, string>> = {
  c4hxp: 'a webhook was taken',
  partner: "the partner's answer was taken",
  mail: "a mail provider's report was taken",
  operator: "an operator's command was taken",
};

/** One line for each arrival that is committed. */
export function logArrivals(intake: Intake, log: LineLog, clock: () => number = Date.now): Intake {
  return {
    ...intake,
    async keep(arrival) {
      const begun = clock();
      const kept = await intake.keep(arrival);
      const { source, event, verdict, reason, routed } = arrival;
      log.info(
        {
          id: idOf(arrival),
          event,
          subject: routed.map(({ subject }) => subject).join(' ') || null,
          verdict,
          ...(reason === null ? {} : { reason }),
          fresh: kept.fresh,
          ms: clock() - begun,
        },
        TAKEN[source],
      );
      return kept;
    },
  };
}

/** As an id of ours, of the partner or of a provider looks; whoever sends a sentence or an address isn't quoted. */
const PLAIN_ID = /^[\w.:-]{1,100}$/;

/** The cause that decisions, `told` and the emails' lines name; null where there is none that can be shown. */
function idOf({ externalId, routed: [first] }: Arrival): string | null {
  const id = first?.fact.cause ?? externalId;
  return id !== null && PLAIN_ID.test(id) ? id : null;
}

const BECAME: Readonly<Record<Status, string>> = {
  sending: 'an email is being sent',
  deferred: 'an email waits',
  sent: 'an email was sent',
  delivered: 'an email was delivered',
  bounced: 'an email bounced',
  complained: 'an email was complained about',
  failed: 'an email failed',
  unknown: 'an email may have been sent',
  not_sent: 'an email is not sent',
};

interface Became {
  readonly status: Status;
  readonly reason: Reason | null;
  readonly cause: string | undefined;
}

/** One line for each email that is settled or put off, and for each decision not to send one, or to wait. */
export function logEmails(ledger: Ledger, log: LineLog): Ledger {
  const causes = new WeakMap<object, string>();
  const became = (key: NotificationKey, { status, reason, cause }: Became, more: object = {}): void => {
    const { subject, kind, occurrence } = key;
    log.info({ subject, kind, occurrence, status, reason, cause: cause ?? null, ...more }, BECAME[status]);
  };

  return {
    ...ledger,
    async claim(request) {
      const claimed = await ledger.claim(request);
      if (claimed.outcome === 'claimed') causes.set(claimed.claim, request.decision.cause);
      return claimed;
    },
    async settle(claim, settlement) {
      const held = await ledger.settle(claim, settlement);
      const { attempt, messageId } = claim;
      if (held) became(claim, { ...settlement, cause: causes.get(claim) }, { attempt, messageId });
      return held;
    },
    async settleAbandoned(input) {
      const state = await ledger.settleAbandoned(input);
      became(state, { ...state, cause: input.cause });
      return state;
    },
    async record(input, now) {
      await ledger.record(input, now);
      for (const decision of input.decisions) {
        const { verdict, rule } = decision;
        if (verdict === 'send') continue;
        const status = decision.status ?? (verdict === 'wait' ? 'deferred' : 'not_sent');
        became(decision, { ...decision, status }, { rule });
      }
    },
  };
}

/** A log whose lines come at most once a second each, however often they are said. */
export interface LimitedLog extends LineLog {
  /** Says what is still held back. */
  stop(): void;
}

const EVERY_MS = 1_000;

/**
 * The first of equal lines goes out at once; those of the second after it go out together at its end, with their
 * `count`. Equal are lines of the same words and fields: so the fields must be of closed sets.
 */
export function limitLog(log: LineLog, every = EVERY_MS): LimitedLog {
  const held = new Map<string, { count: number; timer: NodeJS.Timeout; readonly tell: () => boolean }>();

  function say(level: keyof LineLog, fields: object, sentence: string): void {
    const key = JSON.stringify([level, sentence, fields]);
    const known = held.get(key);
    if (known !== undefined) {
      known.count += 1;
      return;
    }
    log[level](fields, sentence);
    const line = { count: 0, timer: later(), tell };
    held.set(key, line);

    function later(): NodeJS.Timeout {
      return setTimeout(() => {
        if (tell()) line.timer = later();
        else held.delete(key);
      }, every).unref();
    }
    function tell(): boolean {
      const { count } = line;
      if (count > 0) log[level]({ ...fields, count }, sentence);
      line.count = 0;
      return count > 0;
    }
  }

  return {
    info: (fields, sentence) => {
      say('info', fields, sentence);
    },
    warn: (fields, sentence) => {
      say('warn', fields, sentence);
    },
    error: (fields, sentence) => {
      say('error', fields, sentence);
    },
    stop() {
      for (const line of held.values()) {
        clearTimeout(line.timer);
        line.tell();
      }
      held.clear();
    },
  };
}

/** Counts as `count` does, and says of each refusal that there was one. */
export function logRefusals(count: Count, log: Pick<ReceiverLog, 'warn'>): Count {
  return (name, labels) => {
    count(name, labels);
    if (name === 'webhooks_refused') log.warn(labels, 'a webhook was refused');
    else if (name === 'requests_refused') log.warn(labels, 'a request was refused');
    else if (name === 'email_reports' && !TAKEN_REPORTS.has(labels['outcome'] ?? ''))
      log.warn(labels, "a mail provider's report was not taken");
  };
}

const TAKEN_REPORTS = new Set(['kept', 'quarantined']);

/** A line for each run of retention, and one that warns of what is about to expire unread or never reached anybody. */
export function logRetention(retention: Retention, log: LineLog): Retention {
  return {
    ...retention,
    async run(pause) {
      const retained = await retention.run(pause);
      log.info(retained, 'retention has run');
      const { heldPending } = await retention.due();
      if (retained.alarmed > 0)
        log.warn({ webhooks: retained.alarmed }, 'webhooks that can not be read expire in a week');
      if (heldPending > 0)
        log.warn({ webhooks: heldPending }, 'webhooks are old enough to expire and have not reached their journey');
      return retained;
    },
  };
}
