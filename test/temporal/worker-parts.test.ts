import { ApplicationFailure, CancelledFailure } from '@temporalio/activity';
import { describe, expect, test } from '@jest/globals';
import type { SlotPermit, SlotReserveContext, WorkflowSlotInfo } from '@temporalio/worker';
import { createPrivateFailures } from '../../src/temporal/workers.js';
import { createSdkLogger } from '../../src/temporal/runtime.js';
import { createYieldingSlots } from '../../src/temporal/yielding-slots.js';

describe('slots that yield to the intake', () => {
  const context = (isSticky = false): SlotReserveContext =>
    ({ slotType: 'workflow', taskQueue: 'q', workerIdentity: 'w', isSticky }) as SlotReserveContext;
  const never = new AbortController().signal;
  const make = (load: () => number) =>
    createYieldingSlots<WorkflowSlotInfo>({ load, busyAbove: 200, calm: 4, busy: 2 });

  test('are as many as when calm, and no more', () => {
    const slots = make(() => 0);
    const got = [false, true, false, true, false].map((sticky) => slots.tryReserveSlot(context(sticky)));
    expect(got.map((permit) => permit !== null)).toEqual([true, true, true, true, false]);
  });

  test('are few under load, what was handed out before is kept, and the rest comes when the load falls', async () => {
    let load = 0;
    const slots = make(() => load);
    const before: (SlotPermit | null)[] = [false, true, false].map((sticky) => slots.tryReserveSlot(context(sticky)));
    expect(before).not.toContain(null);
    load = 1_000;
    expect(slots.tryReserveSlot(context())).toBeNull();
    let given = false;
    const waiting = slots.reserveSlot(context(true), never).then(() => {
      given = true;
    });
    for (const permit of before.slice(0, 1)) slots.releaseSlot({ permit: permit ?? {} });
    await Promise.resolve();
    expect(given).toBe(false);
    load = 0;
    await waiting;
    expect(given).toBe(true);
  });

  test('leave one to each kind of poller, so that neither starves the other', async () => {
    const slots = make(() => 1_000);
    const sticky = slots.tryReserveSlot(context(true));
    expect(sticky).not.toBeNull();
    expect(slots.tryReserveSlot(context(true))).toBeNull();
    expect(slots.tryReserveSlot(context(false))).not.toBeNull();
    const next = slots.reserveSlot(context(true), never);
    slots.releaseSlot({ permit: sticky ?? {} });
    await next;
  });

  test('a reservation that is given up leaves its place to the next', async () => {
    const slots = make(() => 1_000);
    const held = slots.tryReserveSlot(context());
    slots.tryReserveSlot(context(true));
    const giveUp = new AbortController();
    const first = slots.reserveSlot(context(), giveUp.signal);
    const second = slots.reserveSlot(context(), never);
    giveUp.abort();
    await expect(first).rejects.toBe(giveUp.signal.reason);
    slots.releaseSlot({ permit: held ?? {} });
    await second;
    expect(slots.tryReserveSlot(context())).toBeNull();
  });
});

describe('what an activity throws', () => {
  const run = async (error: Error, cancelled = false) => {
    const told: unknown[] = [];
    const signal = new AbortController();
    if (cancelled) signal.abort();
    const factory = createPrivateFailures((activity, what) => told.push([activity, what]));
    const { inbound } = factory({
      info: { activityType: 'notifyPatient' },
      cancellationSignal: signal.signal,
    });
    const next = () =>
      new Promise<never>((_, reject) => {
        reject(error);
      });
    const thrown: unknown = await inbound.execute?.({ args: [], headers: {} }, next).catch((caught: unknown) => caught);
    return { thrown, told };
  };
  const everything = (error: unknown) => {
    const failure = error as ApplicationFailure;
    return JSON.stringify([failure.message, failure.stack, failure.details, failure.type, failure.cause]);
  };

  test('crosses to Temporal as a code, whatever it quotes', async () => {
    const quoting = new Error('duplicate key (email)=(jane@example.com)');
    const { thrown, told } = await run(quoting);
    expect(thrown).toMatchObject({ type: 'internal', nonRetryable: false });
    expect(everything(thrown)).not.toContain('jane');
    expect(told).toEqual([['notifyPatient', quoting]]);
  });

  test('keeps the code, the delay and whether to try again of a failure of ours, and drops what it says', async () => {
    const { thrown, told } = await run(
      ApplicationFailure.create({
        type: 'server_refused',
        message: '450 4.7.1 <jane@example.com>',
        details: ['jane@example.com'],
        cause: new Error('jane@example.com'),
        nonRetryable: true,
        nextRetryDelay: '5m',
      }),
    );
    expect(thrown).toMatchObject({ type: 'server_refused', nonRetryable: true, nextRetryDelay: '5m' });
    expect(everything(thrown)).not.toContain('jane');
    expect(told).toEqual([]);
  });

  test.each([
    ['partner_maintenance: until 2026-11-24T12:00:00.000Z', true],
    ['partner_unavailable: timeout', true],
    ['partner_unavailable: Jane Smith', false],
    ['no_answer: until jane@example.com', false],
  ])('says %s only where that is a code or a time', async (message, kept) => {
    const [type = ''] = message.split(':');
    const { thrown } = await run(ApplicationFailure.create({ type, message }));
    expect((thrown as Error).message).toBe(kept ? message : type);
  });

  test('passes a cancellation on as it is, but only one of Temporal', async () => {
    const cancellation = new CancelledFailure('CANCELLED');
    expect((await run(cancellation, true)).thrown).toBe(cancellation);
    expect((await run(cancellation, false)).thrown).toMatchObject({ type: 'internal' });
    const aborted = Object.assign(new Error('jane'), { name: 'AbortError' });
    expect(everything((await run(aborted)).thrown)).not.toContain('jane');
  });
});

describe("the SDK's log", () => {
  test('keeps ids and codes, and drops every error, argument and detail', () => {
    const lines: unknown[][] = [];
    const logger = createSdkLogger((...line) => lines.push(line));
    const error = ApplicationFailure.create({ type: 'no_answer', message: 'jane@example.com' });
    logger.warn('Activity failed', { workflowId: 'kit:1', attempt: 3, error, input: 'jane@example.com' });
    logger.log('INFO', 'Worker state changed', {});
    expect(lines).toEqual([
      ['warn', { workflowId: 'kit:1', attempt: 3, error: 'no_answer' }, 'Activity failed'],
      ['debug', {}, 'Worker state changed'],
    ]);
  });
});
