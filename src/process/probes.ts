import type { LineLog } from './logger.js';
import { repeatedly } from './repeatedly.js';

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

export interface HealthParts {
  /** What is missing before webhooks can be committed. */
  readonly ready: () => Promise<readonly string[]> | readonly string[];
  /** What is away though they can. */
  readonly away: () => readonly string[];
  readonly log: Pick<LineLog, 'info' | 'warn'>;
}

/** Says at once how readiness and health stand, and then each change of them. */
export function watchHealth({ ready, away, log }: HealthParts, every = 1_000): { readonly stop: () => void } {
  let said = '';

  async function look(): Promise<void> {
    const missing = await ready();
    const fields = { missing, away: away() };
    if (JSON.stringify(fields) === said) return;
    said = JSON.stringify(fields);
    if (missing.length > 0) log.warn(fields, 'not ready: webhooks are refused');
    else if (fields.away.length > 0) log.warn(fields, 'ready, and health is degraded');
    else log.info(fields, 'ready and healthy');
  }

  const looking = repeatedly(every, look, { atOnce: true });
  return {
    // A look may wait for a database that doesn't answer; whoever stops doesn't.
    stop: () => void looking.stop(),
  };
}
