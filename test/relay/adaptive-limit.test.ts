import { describe, expect, test } from '@jest/globals';
import { type AdaptiveLimit, createAdaptiveLimit } from '../../src/relay/adaptive-limit.js';

interface Server {
  /** Calls that it works on at the same time; the others wait. */
  atOnce: number;
  /** ms for the nth call. */
  readonly takes: (nth: number) => number;
  readonly kindOf?: (nth: number) => string;
}

/** Calls a server by the clock of a simulation, as many at a time as the limit says. */
function call(server: Server, limit: AdaptiveLimit, calls: number): { perSecond: number } {
  const working: number[] = [];
  const underWay: { end: number; ms: number; underWay: number; kind: string }[] = [];
  let now = 0;
  let begun = 0;
  for (let ended = 0; ended < calls; ended++) {
    while (underWay.length < limit.current) {
      working.sort((a, b) => a - b);
      const free = working.length < server.atOnce ? now : (working[working.length - server.atOnce] ?? now);
      const end = Math.max(free, now) + server.takes(begun);
      working.push(end);
      const kind = server.kindOf?.(begun) ?? 'signal';
      underWay.push({ end, ms: end - now, underWay: underWay.length + 1, kind });
      begun += 1;
    }
    underWay.sort((a, b) => a.end - b.end);
    const first = underWay.shift();
    if (first === undefined) break;
    now = first.end;
    working.splice(0, working.length, ...working.filter((end) => end > now));
    limit.observe(first);
  }
  return { perSecond: (calls / now) * 1_000 };
}

const fixed = (current: number): AdaptiveLimit => ({ current, observe: () => undefined });
const adaptive = (most = 32) => createAdaptiveLimit({ least: 3, most });
/** Between half and one and a half times as long, the same in each run. */
const uneven = (ms: number) => (nth: number) => ms * (0.5 + ((nth * 7_919) % 1_000) / 1_000);

describe('how many calls are under way at once', () => {
  test('stays small where the server takes one after the other, and keeps it busy', () => {
    const limit = adaptive();
    const server = { atOnce: 1, takes: () => 2 };
    expect(call(server, limit, 5_000).perSecond).toBeGreaterThan(0.98 * 500);
    expect(limit.current).toBeLessThanOrEqual(4);
  });

  test.each([
    ['evenly', () => 20],
    ['unevenly', uneven(20)],
  ])('grows to what it may where the server takes many at once, %s: ten times as much is done', (_how, takes) => {
    const server = { atOnce: 50, takes };
    const limit = adaptive();
    call(server, limit, 3_000);
    expect(limit.current).toBeGreaterThan(28);
    const many = call(server, limit, 20_000).perSecond;
    expect(many).toBeGreaterThan(9 * call(server, fixed(3), 3_000).perSecond);
  });

  test('settles a little above what the server takes at once', () => {
    const limit = adaptive();
    const server = { atOnce: 8, takes: uneven(20) };
    call(server, limit, 3_000);
    const settled: number[] = [];
    for (let n = 0; n < 20; n++) {
      call(server, limit, 97);
      settled.push(limit.current);
    }
    expect(Math.max(...settled)).toBeLessThanOrEqual(16);
    expect(call(server, limit, 10_000).perSecond).toBeGreaterThan(0.9 * (8_000 / 20));
  });

  test('falls when the server takes fewer than before, and when calls fail', () => {
    const limit = adaptive();
    const server = { atOnce: 50, takes: () => 20 };
    call(server, limit, 3_000);
    server.atOnce = 2;
    call(server, limit, 400);
    expect(limit.current).toBeLessThanOrEqual(8);
    server.atOnce = 50;
    call(server, limit, 3_000);
    expect(limit.current).toBe(32);
    for (let n = 0; n < 20; n++) limit.observe({ kind: 'signal', ms: 10_000, underWay: 32, failed: true });
    expect(limit.current).toBe(3);
  });

  test('takes what is slow by its kind for no queue', () => {
    const limit = adaptive();
    const isStart = (nth: number): boolean => nth % 2 === 0;
    const takes = (nth: number): number => (isStart(nth) ? 60 : 10);
    call({ atOnce: 50, takes, kindOf: (nth) => (isStart(nth) ? 'start' : 'signal') }, limit, 3_000);
    expect(limit.current).toBeGreaterThanOrEqual(20);
  });

  test('is never more than it may be, also where that is less than usual, and grows with no idle calls', () => {
    const one = createAdaptiveLimit({ least: 1, most: 1 });
    call({ atOnce: 50, takes: () => 20 }, one, 1_000);
    expect(one.current).toBe(1);
    const idle = adaptive();
    for (let n = 0; n < 400; n++) idle.observe({ kind: 'signal', ms: 20, underWay: 1 });
    expect(idle.current).toBe(3);
  });
});
