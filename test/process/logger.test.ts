import { describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Intake } from '../../src/inbox/intake.js';
import type { Claim, Ledger } from '../../src/ledger/ledger.js';
import { limitLog, type LineLog, logArrivals, logEmails, logRefusals } from '../../src/process/logger.js';
import { watchHealth } from '../../src/process/probes.js';
import { JANE, kitArrival } from '../inbox/support.js';
import { until } from '../support/until.js';

type Said = Record<string, unknown> & { readonly msg: string; readonly level: string };

function notebook(): { readonly lines: Said[]; readonly log: LineLog } {
  const lines: Said[] = [];
  const at = (level: string) => (fields: object, msg: string) => void lines.push({ level, msg, ...fields });
  return { lines, log: { info: at('info'), warn: at('warn'), error: at('error') } };
}

const KEY = { subject: 'kit:123456789012', kind: 'kit.registered', occurrence: 1 } as const;

describe('the line of what came in', () => {
  const intake = { keep: () => Promise.resolve({ fresh: true }) } as unknown as Intake;

  test('names id, event, subject, verdict, whether it is new, and how long it took; nobody', async () => {
    const { lines, log } = notebook();
    const arrival = kitArrival('123456789012', 'kit.registered', { id: 'wh_7', person: JANE });
    await logArrivals(intake, log, () => 5).keep(arrival);
    expect(lines).toEqual([
      {
        level: 'info',
        msg: 'a webhook was taken',
        id: 'wh_7',
        event: 'kit.registered',
        subject: 'kit:123456789012',
        verdict: 'accepted',
        fresh: true,
        ms: 0,
      },
    ]);
  });

  test.each(['jane@example.com', 'the results of Jane Smith', 'x'.repeat(101), '<Jane>'])(
    'shows no id that somebody may have written: %s',
    async (id) => {
      const { lines, log } = notebook();
      await logArrivals(intake, log).keep(kitArrival('123456789012', 'kit.registered', { id }));
      expect(lines).toMatchObject([{ id: null }]);
    },
  );

  test('is not there for what could not be committed', async () => {
    const { lines, log } = notebook();
    const full = { keep: () => Promise.reject(new Error('full')) } as unknown as Intake;
    await expect(logArrivals(full, log).keep(kitArrival('123456789012', 'kit.registered'))).rejects.toThrow('full');
    expect(lines).toEqual([]);
  });
});

describe('the line of what became of an email', () => {
  const claim = { ...KEY, attempt: 2, messageId: '<m@example.com>' } as unknown as Claim;
  const decision = { ...KEY, verdict: 'send', reason: null, cause: 'wh_7', rule: 'r', at: 0, sourceSeq: 1 } as const;
  const ledgerThat = (held: boolean) =>
    ({
      claim: () => Promise.resolve({ outcome: 'claimed', claim }),
      settle: () => Promise.resolve(held),
      settleAbandoned: () => Promise.resolve({ ...KEY, status: 'failed', reason: 'retries_exhausted', at: 0 }),
      record: () => Promise.resolve(),
    }) as unknown as Ledger;

  test('names the notification, the attempt and the cause, and never the mail server’s words', async () => {
    const { lines, log } = notebook();
    const ledger = logEmails(ledgerThat(true), log);
    await ledger.claim({ decision, journey: null, projection: null, reopens: false });
    const sealed = { to: 'jane@example.com', reply: '250 jane@example.com' };
    await ledger.settle(claim, { status: 'sent', reason: null, at: 0, sealed });
    expect(lines).toEqual([
      {
        level: 'info',
        msg: 'an email was sent',
        ...KEY,
        status: 'sent',
        reason: null,
        cause: 'wh_7',
        attempt: 2,
        messageId: '<m@example.com>',
      },
    ]);
  });

  test('is not there where another attempt holds the row: that one’s answer counts', async () => {
    const { lines, log } = notebook();
    await logEmails(ledgerThat(false), log).settle(claim, { status: 'sent', reason: null, at: 0 });
    expect(lines).toEqual([]);
  });

  test('is there for each decision not to send or to wait, and for an email that was given up', async () => {
    const { lines, log } = notebook();
    const ledger = logEmails(ledgerThat(true), log);
    const projection = { state: 'registered', attention: [], because: null, next: null, closed: false };
    await ledger.record(
      {
        subject: KEY.subject,
        projection,
        decisions: [
          decision,
          { ...decision, verdict: 'not_send', reason: 'too_late', status: 'not_sent' },
          { ...decision, verdict: 'wait', reason: 'held_for_review' },
        ],
      },
      0,
    );
    await ledger.settleAbandoned({ ...KEY, ending: 'retries_exhausted', cause: 'wh_8', rule: 'r', projection, at: 0 });
    expect(lines).toMatchObject([
      { msg: 'an email is not sent', status: 'not_sent', reason: 'too_late', cause: 'wh_7', rule: 'r' },
      { msg: 'an email waits', status: 'deferred', reason: 'held_for_review', cause: 'wh_7' },
      { msg: 'an email failed', status: 'failed', reason: 'retries_exhausted', cause: 'wh_8' },
    ]);
  });
});

describe('lines of refusals', () => {
  test('come at once, then at most once in a while with their count, each kind by itself; none is lost', async () => {
    const { lines, log } = notebook();
    const limited = limitLog(log, 60);
    const counted: string[] = [];
    const count = logRefusals((_name, { code }) => void counted.push(code ?? ''), limited);
    for (let again = 0; again < 50; again++) count('webhooks_refused', { code: 'invalid_signature' });
    count('requests_refused', { code: 'not_found' });
    expect(lines).toEqual([
      { level: 'warn', msg: 'a webhook was refused', code: 'invalid_signature' },
      { level: 'warn', msg: 'a request was refused', code: 'not_found' },
    ]);
    await until('the others', () => lines.length === 3);
    expect(lines[2]).toEqual({ level: 'warn', msg: 'a webhook was refused', code: 'invalid_signature', count: 49 });
    expect(counted).toHaveLength(51);
    await sleep(150);
    expect(lines).toHaveLength(3);
    count('webhooks_refused', { code: 'invalid_signature' });
    count('webhooks_refused', { code: 'invalid_signature' });
    limited.stop();
    expect(lines.slice(3)).toEqual([
      { level: 'warn', msg: 'a webhook was refused', code: 'invalid_signature' },
      { level: 'warn', msg: 'a webhook was refused', code: 'invalid_signature', count: 1 },
    ]);
  });

  test('are not there for what was taken', () => {
    const { lines, log } = notebook();
    const count = logRefusals(() => undefined, log);
    count('webhooks_acknowledged', { verdict: 'accepted', event: 'kit.registered' });
    count('email_reports', { outcome: 'kept', provider: 'ses' });
    expect(lines).toEqual([]);
    count('email_reports', { outcome: 'refused', provider: 'ses' });
    expect(lines).toMatchObject([{ msg: "a mail provider's report was not taken", outcome: 'refused' }]);
  });
});

test('readiness and health are said at the start, and then at each change and only then', async () => {
  const { lines, log } = notebook();
  let missing: string[] = [];
  let away: string[] = [];
  const watch = watchHealth({ ready: () => missing, away: () => away, log }, 5);
  await until('the start', () => lines.length === 1);
  await sleep(50);
  away = ['smtp'];
  await until('a change', () => lines.length === 2);
  missing = ['database_read_only'];
  await until('another', () => lines.length === 3);
  missing = [];
  away = [];
  await until('the end of it', () => lines.length === 4);
  await sleep(50);
  watch.stop();
  expect(lines).toEqual([
    { level: 'info', msg: 'ready and healthy', missing: [], away: [] },
    { level: 'warn', msg: 'ready, and health is degraded', missing: [], away: ['smtp'] },
    { level: 'warn', msg: 'not ready: webhooks are refused', missing: ['database_read_only'], away: ['smtp'] },
    { level: 'info', msg: 'ready and healthy', missing: [], away: [] },
  ]);
});

test('nothing that came from outside makes another line, or moves a terminal', () => {
  const hostile = 'wh_1\n{"level":"error","msg":"forged"}\r\u001b[2J\u2028';
  const script = `import { createLogger } from './dist/src/process/logger.js';
    createLogger('info').warn({ from: ${JSON.stringify(hostile)} }, 'a stranger came');`;
  const { stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8', env: {} });
  const lines = stderr.trim().split('\n');
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    expect.objectContaining({ level: 'warn', msg: 'a stranger came', from: hostile }),
  ]);
  expect(['\r', '\u001b'].filter((sign) => stderr.includes(sign))).toEqual([]);
});
