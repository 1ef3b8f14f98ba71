import { setImmediate as yieldToOthers } from 'node:timers/promises';
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { policySettings, rehearsedSettings, type Settings } from '../config.js';
import { SettingsError } from '../config/refusal.js';
import type { NotifyInput } from '../domain/activities.js';
import type { Fact, PolicySettings } from '../domain/facts.js';
import type { Kind } from '../domain/kinds.js';
import type { Reason } from '../domain/notifications.js';
import { zoneOfFacts } from '../domain/zones.js';
import { Problem } from './problems.js';
import { rehearseBody } from './schemas.js';

/** Which journeys are replayed, and under which settings. */
export interface RehearseQuery {
  /** Journeys that were open at this moment or later (ms). */
  readonly since: number;
  /** Settings by the names of their environment variables. */
  readonly set: Readonly<Record<string, string>>;
  /** The last subject of the page before; null: the first page. */
  readonly after: string | null;
  readonly limit: number;
}

/** One email that would have gone otherwise; times in `T`, null where it doesn't go. */
interface ChangeIn<T> {
  readonly subject: string;
  readonly kind: Kind;
  readonly occurrence: number;
  readonly now: T | null;
  readonly then: T | null;
  readonly why: Reason | null;
}

/** As the API writes it: times in ISO 8601. */
export type RehearsedChange = ChangeIn<string>;

export interface Rehearsed<T = string> {
  /** How many were replayed. */
  readonly journeys: number;
  readonly changes: readonly ChangeIn<T>[];
  /** `after` of the next page. */
  readonly next: string | null;
}

/** @throws SettingsError for a setting that can't be rehearsed or makes no sense. Times in ms. */
export type Rehearse = (query: RehearseQuery) => Promise<Rehearsed<number>>;

/** A journey that was lived: all that it was told. */
interface JourneyHistory {
  readonly subject: string;
  readonly facts: readonly Fact[];
}

/** What decides whether and when an email goes. */
interface Rules {
  readonly settings: PolicySettings;
  readonly quietUntil: (input: NotifyInput, now: number) => number | null;
}

export interface RehearsalPorts {
  readonly settings: Settings;
  journeyHistories(page: {
    readonly since: Date;
    readonly after: string | null;
    readonly limit: number;
  }): Promise<readonly JourneyHistory[]>;
  /** Lives through a journey by both rules; times in ms. */
  replay(
    journey: JourneyHistory,
    rules: { readonly inForce: Rules; readonly other: Rules },
    period: { readonly since: number; readonly until: number },
  ): readonly ChangeIn<number>[];
  /** The end (ms) of the quiet hours in which `now` lies, by the wall clock of `zone`; null: it lies in none. */
  quietUntil(hours: string | null, zone: string | null, fallbackZone: string, now: number): number | null;
  /** ms since the epoch */
  clock(): number;
}

/**
 * Replays past journeys under other settings; sends nothing and writes nothing. A page at a time, and others get their
 * turn after each journey: the operators' app shares its process with the worker.
 */
export function createRehearse(ports: RehearsalPorts): Rehearse {
  const { settings } = ports;
  return async ({ since, set, after, limit }) => {
    const other = rehearsedSettings(settings, set);
    const journeys = await ports.journeyHistories({ since: new Date(since), after, limit });
    const changes: ChangeIn<number>[] = [];
    for (const journey of journeys) {
      const rules = { inForce: rulesOf(ports, settings, journey), other: rulesOf(ports, other, journey) };
      changes.push(...ports.replay(journey, rules, { since, until: ports.clock() }));
      await yieldToOthers();
    }
    const next = journeys.length < limit ? null : (journeys.at(-1)?.subject ?? null);
    return { journeys: journeys.length, changes, next };
  };
}

function rulesOf(ports: RehearsalPorts, settings: Settings, { facts }: JourneyHistory): Rules {
  return {
    settings: policySettings(settings),
    quietUntil(input, now) {
      const answersSomethingJustDone = input.quietExemptUntil !== null && now < input.quietExemptUntil;
      if (answersSomethingJustDone) return null;
      const known = facts.filter(({ receivedAt }) => receivedAt <= now);
      return ports.quietUntil(settings.quietHours, zoneOfFacts(input, known), settings.defaultTimeZone, now);
    },
  };
}

/** Which emails would have gone, or not, or at another time, under other settings? Nothing is sent. */
export function rehearseRoutes({ rehearse }: { readonly rehearse: Rehearse }): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    app.post(
      '/admin/rehearse',
      {
        config: { needs: 'read', audited: 'rehearse' },
        schema: { body: rehearseBody, summary: 'Past journeys under other settings' },
      },
      async ({ body: { since, set, after, limit } }) => {
        try {
          return written(await rehearse({ since: Date.parse(since), set, after: after ?? null, limit }));
        } catch (error) {
          if (error instanceof SettingsError) throw new Problem(400, 'invalid_setting', `${error.faults.join('; ')}.`);
          throw error;
        }
      },
    );
    done();
  };
}

const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

const written = ({ changes, ...page }: Rehearsed<number>): Rehearsed => ({
  ...page,
  changes: changes.map((change) => ({ ...change, now: iso(change.now), then: iso(change.then) })),
});
