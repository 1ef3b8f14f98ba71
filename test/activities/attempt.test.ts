import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { runAttempt, tryAgain, type Attempt } from '../../activities/attempt.js';

const SECOND = 1_000;
const ABOUT = { subject: 'kit:1', kind: 'kit.registered' };
const logged: object[] = [];

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick'] });
  logged.length = 0;
});
afterEach(() => {
  jest.useRealTimers();
});

function run(work: (attempt: Attempt) => Promise<unknown>) {
  const environment = new MockActivityEnvironment({ attempt: 3 });
  let beats = 0;
  environment.on('heartbeat', () => (beats += 1));
  const result = environment.run(() => runAttempt(ABOUT, (event, about) => logged.push({ event, ...about }), work));
  const failure = result.then(
    () => null,
    (error: unknown) => error,
  );
  return { environment, failure, beats: () => beats };
}

/** Work that goes on until it is told to stop. */
const untilCancelled = ({ signal }: Attempt): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => {
      reject(signal.reason as Error);
    });
  });

test('an attempt says that it is alive from second 3 on, and no more once it has ended', async () => {
  let end: () => void = () => undefined;
  const { failure, beats } = run(() => new Promise<void>((resolve) => (end = resolve)));
  await jest.advanceTimersByTimeAsync(2 * SECOND);
  expect(beats()).toBe(0);
  await jest.advanceTimersByTimeAsync(SECOND);
  expect(beats()).toBe(1);
  await jest.advanceTimersByTimeAsync(6 * SECOND);
  expect(beats()).toBe(3);
  end();
  expect(await failure).toBeNull();
  await jest.advanceTimersByTimeAsync(60 * SECOND);
  expect(beats()).toBe(3);
});

test('what it remembers goes with every heartbeat from then on, and the attempt after it knows', async () => {
  const environment = new MockActivityEnvironment({ attempt: 2, heartbeatDetails: 7 });
  const words: unknown[] = [];
  environment.on('heartbeat', (word) => words.push(word));
  let end: () => void = () => undefined;
  const ran = environment.run(() =>
    runAttempt(
      ABOUT,
      () => undefined,
      async ({ remembered, remember }) => {
        await new Promise<void>((resolve) => (end = resolve));
        if (remembered === 7) remember(8);
        await new Promise<void>((resolve) => (end = resolve));
      },
    ),
  );
  await jest.advanceTimersByTimeAsync(3 * SECOND);
  end();
  await jest.advanceTimersByTimeAsync(3 * SECOND);
  end();
  await ran;
  expect(words).toEqual([7, 8, 8]);
});

test('it knows its number', async () => {
  let number = 0;
  await run((attempt) => Promise.resolve((number = attempt.number))).failure;
  expect(number).toBe(3);
});

test('one that is cancelled is cancelled; one whose worker stops is tried again by another', async () => {
  const cancelled = run(untilCancelled);
  cancelled.environment.cancel('CANCELLED');
  expect(await cancelled.failure).toBeInstanceOf(CancelledFailure);

  const stopped = run(untilCancelled);
  stopped.environment.cancel('WORKER_SHUTDOWN');
  expect(await stopped.failure).toMatchObject({ type: 'worker_shutdown', nonRetryable: false });
});

test('nothing but codes leaves it; the log has the class and the code of what went wrong, never its words', async () => {
  const words = Object.assign(new TypeError('jane@example.com is no address'), { code: '23505' });
  const failure = await run(() => Promise.reject(words)).failure;
  expect(failure).toBeInstanceOf(ApplicationFailure);
  expect(failure).toMatchObject({ type: 'mishap', message: 'mishap', nonRetryable: false });
  expect((failure as ApplicationFailure).cause).toBeUndefined();
  expect(logged).toEqual([{ event: 'an activity met a mishap', ...ABOUT, error: 'TypeError', code: '23505' }]);

  logged.length = 0;
  expect(await run(() => Promise.reject(tryAgain('server_refused'))).failure).toMatchObject({ type: 'server_refused' });
  expect(logged).toEqual([]);
});

test('what is to be tried again says when, in whole milliseconds and never in the past', () => {
  expect(tryAgain('a', { after: 1_500.4 })).toMatchObject({ message: 'a', nextRetryDelay: 1_500 });
  expect(tryAgain('a', { after: -5, note: 'until noon' })).toMatchObject({
    message: 'a: until noon',
    nextRetryDelay: 1,
  });
  expect(tryAgain('a').nextRetryDelay).toBeUndefined();
});
