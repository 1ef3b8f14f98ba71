/** Something outside that can be away without stopping us; rejects while it is. */
export type Probe = () => Promise<unknown>;

export interface ProbeWatch {
  /** The names of what was away when last looked at. */
  readonly away: () => readonly string[];
  readonly stop: () => void;
}

/**
 * Looks every so often whether Temporal and the mail server answer, so that health can say `degraded` without anybody
 * waiting for them. What is away is looked at more often, so that its return shows soon.
 */
export function watchProbes(
  probes: Readonly<Record<string, Probe>>,
  { every = 30_000, everyWhileAway = 2_000 }: { every?: number; everyWhileAway?: number } = {},
): ProbeWatch {
  const away = new Set<string>();
  const timers = new Map<string, NodeJS.Timeout>();
  let stopped = false;

  async function look(name: string, probe: Probe): Promise<void> {
    try {
      await probe();
      away.delete(name);
    } catch {
      away.add(name);
    }
    if (stopped) return;
    const pause = away.has(name) ? everyWhileAway : every;
    timers.set(name, setTimeout(() => void look(name, probe), pause).unref());
  }

  for (const [name, probe] of Object.entries(probes)) void look(name, probe);
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
