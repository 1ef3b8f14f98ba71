import { CancellationScope, isCancellation, sleep } from '@temporalio/workflow';
import type { Deadline } from '../core/next-actions.js';

/** What runs beside a journey's loop: one cancellation scope for each task. */
export class BackgroundTasks {
  private readonly running = new Map<CancellationScope, string>();

  /**
   * Runs `work` beside the loop; it must not fail. `cancellable` wraps the part that a cancellation ends, so that what
   * comes after it (settling) is still done.
   */
  start(name: string, work: (cancellable: CancellationScope) => Promise<void>): void {
    const scope = new CancellationScope();
    this.running.set(scope, name);
    // By identity: a task of the same name may have begun meanwhile.
    void work(scope).finally(() => this.running.delete(scope));
  }

  /** Asks for the end of all that run under this name; whoever waits for one hears what came of it. */
  cancel(name: string): void {
    for (const [scope, running] of this.running) if (running === name) scope.cancel();
  }

  get count(): number {
    return this.running.size;
  }
}

/**
 * The one timer of a journey. It is set anew only where that is needed, because each time costs two events, and one
 * that fires for nothing costs five.
 */
export class Alarm {
  private armed: { readonly at: number; readonly scope: CancellationScope } | null = null;

  constructor(private readonly ring: () => void) {}

  /**
   * Rings at the deadline, or a little after. While a send runs a later deadline is left for when it has ended, since
   * that moves deadlines again.
   */
  set(deadline: Deadline | null, now: number, sending: boolean): void {
    const at = deadline === null ? Infinity : roundedUp(deadline.at, now);
    const armedAt = this.armed?.at ?? Infinity;
    if (at === armedAt || (sending && at > armedAt)) return;
    this.armed?.scope.cancel();
    this.armed = null;
    if (deadline !== null) this.start(deadline.what, at, now);
  }

  private start(what: string, at: number, now: number): void {
    const scope = new CancellationScope();
    const armed = { at, scope };
    this.armed = armed;
    void scope
      .run(() => sleep(at - now, { summary: what }))
      .then(() => {
        if (this.armed === armed) this.armed = null;
        this.ring();
      })
      .catch((error: unknown) => {
        if (!isCancellation(error)) throw error;
      });
  }
}

/** Up to a thousandth of the wait later: so the seconds that an email takes don't move the alarm. */
function roundedUp(at: number, now: number): number {
  const wait = Math.max(at - now, 1);
  let step = 1;
  while (step * 10_000 <= wait) step *= 10;
  return Math.ceil(Math.max(at, now + 1) / step) * step;
}
