/** Why an arrival could not be committed. */
export type Unavailability = 'queue_full' | 'deadline' | 'disk_full' | 'database' | 'closed';

/**
 * It could not be committed: the sender must try again (503). After `deadline` and `database` it may have been
 * committed after all; the next try is then a duplicate.
 */
export class IntakeUnavailable extends Error {
  override readonly name = 'IntakeUnavailable';

  constructor(
    readonly why: Unavailability,
    options?: ErrorOptions,
  ) {
    super(`could not commit: ${why}`, options);
  }

  /** Seconds after which another try makes sense. */
  get retryAfter(): number {
    return this.why === 'disk_full' ? 60 : 5;
  }
}
