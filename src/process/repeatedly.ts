/** Something that is done every so often. */
export interface Repeated {
  /** Begins nothing any more; resolves when what is under way has ended. */
  readonly stop: () => Promise<void>;
}

/**
 * Does `work` every so many ms, never two at a time; what fails is tried again at the next turn. `atOnce`: for the first
 * time now, because a process that is restarted often would never come to its first turn.
 */
export function repeatedly(
  everyMs: number,
  work: () => Promise<unknown>,
  { atOnce = false }: { readonly atOnce?: boolean } = {},
): Repeated {
  let busy: Promise<unknown> | null = null;
  const turn = (): void => {
    busy ??= work()
      .catch(() => undefined)
      .finally(() => {
        busy = null;
      });
  };
  if (atOnce) turn();
  const timer = setInterval(turn, everyMs).unref();
  return {
    async stop() {
      clearInterval(timer);
      await busy;
    },
  };
}
