/** The code that a transition of the model stands for: a file of this repository and a function in it. */
interface Code {
  readonly file: string;
  /** As it is declared there. */
  readonly function: string;
}

const at = (file: string, name: string): Code => ({ file, function: name });

/** Each transition of the model: what it is, and the code that it stands for; null: it is the world's, not ours. */
export const TRANSITIONS = {
  keep: { says: 'the webhook is committed', code: at('src/inbox/insert.ts', 'insertBatch') },
  acknowledge: { says: 'the partner is answered 2xx', code: at('src/receiver/webhook-route.ts', 'webhookRoute') },
  lease: {
    says: 'a relay leases the subject and gathers what is pending',
    code: at('src/relay/pending.ts', 'leaseSubjects'),
  },
  signal: {
    says: 'the journey is signalled, or started with prior',
    code: at('src/relay/signals.ts', 'prepareDeliveries'),
  },
  mark: {
    says: 'what was signalled is marked, and the lease given back',
    code: at('src/relay/pending.ts', 'settlePending'),
  },
  notice_lost_store: {
    says: 'a relay notices another store, and wakes the open journeys',
    code: at('src/relay/recovery.ts', 'noticeLostStore'),
  },
  sweep_orphans: {
    says: 'a relay wakes a journey whose email waits',
    code: at('src/relay/recovery.ts', 'createOrphanSweep'),
  },
  record: { says: 'a decision not to send is written', code: at('src/ledger/decisions.ts', 'recordDecisions') },
  end_journey: { says: 'the journey ends', code: at('workflows/journey.ts', 'live') },
  start_attempt: { says: 'a worker takes the activity', code: at('activities/attempt.ts', 'runAttempt') },
  give_up: {
    says: 'the next retry would come too late',
    code: at('workflows/temporal/activities.ts', 'endingOfDeath'),
  },
  settle_abandoned: {
    says: 'the row of a dead send is settled',
    code: at('src/ledger/attempts.ts', 'settleAbandoned'),
  },
  settle_abandoned_unheard: {
    says: 'it is settled, and a crash keeps Temporal from hearing it',
    code: at('src/ledger/attempts.ts', 'settleAbandoned'),
  },
  claim: { says: 'an attempt claims the row', code: at('src/ledger/attempts.ts', 'takeAttempt') },
  find_busy: { says: 'another attempt holds the row', code: at('activities/send-under-claim.ts', 'claimOrSettled') },
  find_settled: { says: 'the row is settled already', code: at('src/ledger/claims.ts', 'whyNot') },
  settle_obstacle: {
    says: 'the last checks settle the row: it is overtaken',
    code: at('activities/notify-patient.ts', 'prepare'),
  },
  begin_hand_over: {
    says: 'the row says that the hand-over begins',
    code: at('src/ledger/attempts.ts', 'beginHandOver'),
  },
  begin_refused: {
    says: 'the claim was lost: nothing may be sent',
    code: at('activities/send-under-claim.ts', 'sendUnderClaim'),
  },
  call_off: { says: 'what has not reached DATA is called off', code: at('src/email/transport/mailer.ts', 'handOver') },
  leave: {
    says: 'the server says "go on", and the message leaves',
    code: at('src/email/transport/mailer.ts', 'leave'),
  },
  settle: {
    says: 'the answer is written under the attempt’s number',
    code: at('src/ledger/attempts.ts', 'settleAttempt'),
  },
  report: { says: 'Temporal hears what the attempt says', code: at('activities/notify-patient.ts', 'notify') },
  database_away: {
    says: 'an attempt can’t reach the database, and fails',
    code: at('activities/attempt.ts', 'inCodes'),
  },
  answer_not_written: {
    says: 'the answer can’t be written for too long',
    code: at('activities/send-under-claim.ts', 'untilWritten'),
  },
  refuse: { says: 'the server refuses for good (5xx)', code: at('src/email/transport/classify.ts', 'classify') },
  put_off: {
    says: 'the server refuses for now (4xx), or can’t be reached',
    code: at('src/email/transport/classify.ts', 'classify'),
  },
  lose_reply: { says: 'the connection ends after DATA', code: at('src/email/transport/classify.ts', 'classify') },
  shut_down: {
    says: 'the server says 421 after DATA: no answer to the message',
    code: at('src/email/transport/classify.ts', 'classify'),
  },
  reply: { says: 'the server’s 250 is read', code: at('src/email/transport/mailer.ts', 'handOver') },
  take: { says: 'the server takes the message', code: null },
  crash: { says: 'a process is killed', code: null },
  fall_silent: { says: 'a process is paused, or cut off from the database', code: null },
  speak_again: { says: 'it goes on', code: at('src/ledger/heartbeat.ts', 'createHeartbeat') },
  lose_sight: { says: 'Temporal takes a living attempt for dead', code: null },
  lose_store: { says: 'Temporal’s store is lost', code: null },
} as const satisfies Readonly<Record<string, { readonly says: string; readonly code: Code | null }>>;

export type TransitionName = keyof typeof TRANSITIONS;

/** What befalls the protocol, and needn't happen. */
const BEFALLS: readonly TransitionName[] = [
  'crash',
  'fall_silent',
  'lose_sight',
  'lose_store',
  'settle_abandoned_unheard',
  'refuse',
  'put_off',
  'lose_reply',
  'shut_down',
];
export const mayStayAway = (name: TransitionName): boolean => BEFALLS.includes(name);
