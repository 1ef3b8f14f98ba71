import type { SubjectAnswer } from '../../src/ledger/ledger.js';

/** What `told` says of a kit of which nothing is known but what a test says. */
export const subjectAnswer = (over: Partial<SubjectAnswer> = {}): SubjectAnswer => ({
  subject: 'kit:1',
  state: 'registered',
  order: null,
  closedAt: null,
  because: null,
  shippedLater: [],
  transit: [],
  needsAttention: null,
  attention: [],
  acknowledged: [],
  erased: null,
  next: null,
  partnerMaintenance: null,
  notifications: [],
  webhooks: [],
  ...over,
});
