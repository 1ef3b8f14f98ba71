import type { Kind, Topic } from './vocabulary.js';

const TOPIC_OF: Partial<Record<Kind, Topic>> = {
  'kit.received_lab': 'progress',
  'kit.processing_started': 'progress',
  'notice.delay': 'progress',
  'reminder.register': 'reminders',
  'reminder.return': 'reminders',
};

/** The topic that one click in this kind of email stops; null for what a person can't stop by a link. */
export function topicOf(kind: Kind): Topic | null {
  return TOPIC_OF[kind] ?? null;
}
