import { describe, expect, test } from '@jest/globals';
import { C4HXP_EVENTS } from '../../src/domain/events.js';
import {
  isJourneyKind,
  isOfResults,
  KIND_NAMES,
  KINDS,
  kindsDecidedBy,
  kindThatTells,
  queueOptionsOf,
  RESULTS_KINDS,
  roleOfKind,
  topicOf,
  TOPICS,
} from '../../src/domain/kinds.js';

describe('the table of kinds', () => {
  test('has the fifteen kinds that interfaces know, in the policy’s order', () => {
    expect(KIND_NAMES).toEqual([
      'order.confirmed',
      'order.shipped',
      'order.cancelled',
      'kit.registered',
      'kit.received_lab',
      'kit.processing_started',
      'results.available',
      'results.reviewed',
      'results.updated',
      'kit.failed',
      'kit.cancelled',
      'reminder.register',
      'reminder.return',
      'notice.delay',
      'staff.alert',
    ]);
  });

  test('each but the team’s is decided by one journey, and goes to a patient or a recipient', () => {
    expect([...kindsDecidedBy('order'), ...kindsDecidedBy('kit')].sort()).toEqual(
      KIND_NAMES.filter((kind) => kind !== 'staff.alert').sort(),
    );
    for (const kind of KIND_NAMES.filter(isJourneyKind))
      expect([kind, roleOfKind(kind)]).toEqual([
        kind,
        kind.startsWith('order.') || kind === 'reminder.register' ? 'recipient' : 'patient',
      ]);
  });

  test('results go to the patient, can’t be stopped, and go first', () => {
    expect(RESULTS_KINDS).toEqual(['results.available', 'results.reviewed', 'results.updated']);
    for (const kind of KIND_NAMES) {
      const { priority } = queueOptionsOf(kind);
      if (isOfResults(kind)) expect([KINDS[kind].to, topicOf(kind), priority]).toEqual(['patient', null, 1]);
      else expect(priority).toBeGreaterThan(1);
    }
  });

  test('reminders go last and are tried for a day, all else for three', () => {
    for (const kind of KIND_NAMES)
      expect([kind, queueOptionsOf(kind).tryFor]).toEqual([kind, kind.startsWith('reminder.') ? '24h' : '72h']);
    expect(queueOptionsOf('reminder.return').priority).toBeGreaterThan(queueOptionsOf('notice.delay').priority);
  });

  test('what may be stopped has one of the topics', () => {
    for (const kind of KIND_NAMES) expect([null, ...TOPICS]).toContain(topicOf(kind));
    expect(KIND_NAMES.filter((kind) => topicOf(kind) === 'reminders')).toEqual([
      'reminder.register',
      'reminder.return',
    ]);
  });

  test('nobody is written to because an order was created or the lab’s work is done', () => {
    expect(C4HXP_EVENTS.filter((event) => kindThatTells(event) === null)).toEqual([
      'order.created',
      'kit.processing_completed',
      'system.maintenance_scheduled',
      'system.maintenance_completed',
    ]);
    expect(kindThatTells('results.reviewed')).toBe('results.reviewed');
  });
});
