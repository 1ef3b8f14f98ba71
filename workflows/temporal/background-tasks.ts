import { CancellationScope } from '@temporalio/workflow';

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
