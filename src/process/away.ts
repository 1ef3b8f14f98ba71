/** Something outside that can be away without stopping us; rejects while it is. */
export type Check = () => Promise<unknown>;

export interface AwayWatch {
  /** The names of what was away when last looked at. */
  readonly away: () => readonly string[];
  readonly stop: () => void;
}

/**
 * Looks every so often whether Temporal and the mail server answer, so that health can say `degraded` without anybody
 * waiting for them. What is away is looked at more often, so that its return shows soon.
 */
export function watchAway(
  checks: Readonly<Record<string, Check>>,
  { every = 30_000, everyWhileAway = 2_000 }: { every?: number; everyWhileAway?: number } = {},
): AwayWatch {
  const away = new Set<string>();
  const timers = new Map<string, NodeJS.Timeout>();
  let stopped = false;

  async function look(name: string, check: Check): Promise<void> {
    try {
      await check();
      away.delete(name);
    } catch {
      away.add(name);
    }
    if (stopped) return;
    const pause = away.has(name) ? everyWhileAway : every;
    timers.set(name, setTimeout(() => void look(name, check), pause).unref());
  }

  for (const [name, check] of Object.entries(checks)) void look(name, check);
  return {
    away: () => [...away].sort(),
    stop() {
      stopped = true;
      timers.forEach((timer) => {
        clearTimeout(timer);
      });
    },
  };
}
