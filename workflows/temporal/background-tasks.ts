import { CancellationScope } from '@temporalio/workflow';

/** What runs beside a journey's loop: one cancellation scope for each errand, found again by its name. */
export class BackgroundTasks {
  private readonly running = new Map<string, CancellationScope>();

  /**
   * Runs `work` beside the loop; it must not fail. `cancellable` wraps the part that calling back cancels, so that what
   * comes after it (settling) is still done.
   */
  start(name: string, work: (cancellable: CancellationScope) => Promise<void>): void {
    const scope = new CancellationScope();
    this.running.set(name, scope);
    void work(scope).finally(() => this.running.delete(name));
  }

  /** Asks for its end; whoever waits for it hears what came of it. */
  callBack(name: string): void {
    this.running.get(name)?.cancel();
  }

  has(name: string): boolean {
    return this.running.has(name);
  }

  get count(): number {
    return this.running.size;
  }
}
