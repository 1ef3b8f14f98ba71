import type { Fact, Prior, SignalBatch } from '../../src/domain/facts.js';
import type { Subject } from '../../src/domain/subjects.js';
import type { Journeys } from '../../src/relay/journeys.js';
import { createRelay, type Relay, type RelayOptions } from '../../src/relay/relay.js';
import { SETTINGS } from '../support/policy-settings.js';

const silent = { info: () => undefined, warn: () => undefined };

/** A relay by the usual settings, with no intake beside it; not started. */
export const relayWith = (
  options: Pick<RelayOptions, 'database' | 'journeys' | 'recipients' | 'owner'> & Partial<RelayOptions>,
): Relay => createRelay({ settings: () => SETTINGS, load: () => 0, logger: silent, ...options });

interface Run {
  open: boolean;
  prior: Prior;
  batches: SignalBatch[];
  names: string[];
}

/** Temporal as the relay sees it through its port: runs by subject, which can be lost, ended or out of reach. */
export class FakeJourneys implements Journeys {
  readonly runs = new Map<Subject, Run[]>();
  readonly order: string[] = [];
  id = 'namespace-1';
  away = false;
  /** Makes calls about a subject fail by themselves. */
  refuses: (subject: Subject) => boolean = () => false;
  /** Runs inside each signal: to watch or to delay it. */
  during: (subject: Subject) => Promise<void> = () => Promise.resolve();
  calls = 0;
  inFlight = 0;
  mostInFlight = 0;

  async signal(subject: Subject, name: string, batch: SignalBatch): Promise<'signalled' | 'gone'> {
    return await this.call(subject, () => {
      const run = this.current(subject);
      if (run === null) return 'gone';
      this.take(subject, run, name, batch);
      return 'signalled';
    });
  }

  async signalWithStart(subject: Subject, name: string, batch: SignalBatch, prior: Prior): Promise<void> {
    await this.call(subject, () => {
      const run = this.current(subject) ?? this.begin(subject, prior);
      this.take(subject, run, name, batch);
    });
  }

  async isRunning(subject: Subject): Promise<boolean> {
    return await this.call(subject, () => this.current(subject) !== null);
  }

  async namespaceId(): Promise<string> {
    if (this.away) throw new Error('unavailable');
    return await Promise.resolve(this.id);
  }

  end(subject: Subject): void {
    const run = this.current(subject);
    if (run !== null) run.open = false;
  }

  /** All of Temporal's store is gone, and another one has taken its place. */
  loseStore(): void {
    this.runs.clear();
    this.id += '+';
  }

  /** What a journey knows: its prior, and every fact signalled to it since. */
  knows(subject: Subject): Fact[] {
    const run = this.runs.get(subject)?.at(-1);
    return run === undefined ? [] : [...run.prior.facts, ...run.batches.flatMap((batch) => batch.facts)];
  }

  private current(subject: Subject): Run | null {
    return this.runs.get(subject)?.find((run) => run.open) ?? null;
  }

  private begin(subject: Subject, prior: Prior): Run {
    const run = { open: true, prior, batches: [], names: [] };
    this.runs.set(subject, [...(this.runs.get(subject) ?? []), run]);
    return run;
  }

  private take(subject: Subject, run: Run, name: string, batch: SignalBatch): void {
    run.batches.push(batch);
    run.names.push(name);
    this.order.push(subject);
  }

  private async call<T>(subject: Subject, act: () => T): Promise<T> {
    this.calls += 1;
    this.inFlight += 1;
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight);
    try {
      await this.during(subject);
      if (this.away) throw new Error('unavailable');
      if (this.refuses(subject)) throw new RangeError('refused');
      return act();
    } finally {
      this.inFlight -= 1;
    }
  }
}
