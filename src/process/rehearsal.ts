import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { quietUntil } from '../../activities/quiet-hours.js';
import type { Rehearse } from '../admin/ports.js';
import { policySettings, readSettings, SettingsError, type Settings } from '../config.js';
import type { Database } from '../database/database.js';
import { journeyHistories } from '../ledger/prior.js';
import type { NotifyInput } from '../domain/activities.js';
import type { Fact } from '../domain/facts.js';
import { rehearse, type Rules } from '../../workflows/core/rehearse.js';

/** The settings that decide about emails, by name: what a rehearsal may change. */
const REHEARSABLE = {
  NOTIFY_ON: 'notifyOn',
  TOO_LATE: 'tooLate',
  RESULTS_RELEASE: 'resultsRelease',
  RESULTS_MAX_HOLD: 'resultsMaxHold',
  REGISTER_REMINDER_AFTER: 'registerReminderAfter',
  RETURN_REMINDER_AFTER: 'returnReminderAfter',
  PROCESSING_DELAY_AFTER: 'processingDelayAfter',
  SILENCE_AFTER: 'silenceAfter',
  KIT_LINGER: 'kitLinger',
  QUIET_HOURS: 'quietHours',
  DEFAULT_TIME_ZONE: 'defaultTimeZone',
} as const satisfies Record<string, keyof Settings>;

/**
 * Replays past journeys under other settings; sends nothing and writes nothing. A page at a time, and others get their
 * turn after each journey: the operators' app shares its process with the worker.
 */
export function createRehearse(parts: {
  readonly database: Database;
  readonly settings: Settings;
  readonly clock: () => number;
}): Rehearse {
  const { database, settings, clock } = parts;
  return async ({ since, set, after, limit }) => {
    const other = changed(settings, set);
    const journeys = await journeyHistories(database, { since: new Date(since), after, limit });
    const changes = [];
    for (const lived of journeys) {
      const rules = { inForce: rulesOf(settings, lived.facts), other: rulesOf(other, lived.facts) };
      changes.push(...rehearse(lived, rules, { since, until: clock() }));
      await yieldToOthers();
    }
    const next = journeys.length < limit ? null : (journeys.at(-1)?.subject ?? null);
    return { journeys: journeys.length, changes, next };
  };
}

/** @throws SettingsError where a name is not one of these, or its value makes no sense. */
function changed(settings: Settings, set: Readonly<Record<string, string>>): Settings {
  const names = Object.keys(set);
  const strange = names.filter((name) => !Object.hasOwn(REHEARSABLE, name));
  if (strange.length > 0) {
    const known = Object.keys(REHEARSABLE).join(', ');
    throw new SettingsError(strange.map((name) => `${name} can’t be rehearsed; what can is ${known}`));
  }
  const read = readSettings(set);
  const keys = (names as (keyof typeof REHEARSABLE)[]).map((name) => REHEARSABLE[name]);
  return { ...settings, ...Object.fromEntries(keys.map((key) => [key, read[key]])) };
}

function rulesOf(settings: Settings, facts: readonly Fact[]): Rules {
  return {
    settings: policySettings(settings),
    quietUntil(input, now) {
      const isFresh = input.quietExemptUntil !== null && now < input.quietExemptUntil;
      if (isFresh) return null;
      return quietUntil(settings.quietHours, zoneOf(input, facts), settings.defaultTimeZone, now);
    },
  };
}

/** The zone of the newest address that this email could go to. */
function zoneOf({ audience }: NotifyInput, facts: readonly Fact[]): string | null {
  const named = facts.filter(({ person }) => person?.role === audience).sort((a, b) => a.at - b.at);
  return named.at(-1)?.person?.zone ?? null;
}
