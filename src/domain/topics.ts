import type { Kind, Topic } from './vocabulary.js';

const TOPIC_OF: Partial<Record<Kind, Topic>> = {
  'kit.received_lab': 'progress',
  'kit.processing_started': 'progress',
  'notice.delay': 'progress',
  'reminder.register': 'reminders',
  'reminder.return': 'reminders',
};

/** The topic a person may stop by one click in an email of this kind (policy.md, column "stop"); null: none. */
export const topicOf = (kind: Kind): Topic | null => TOPIC_OF[kind] ?? null;
