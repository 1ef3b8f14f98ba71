import closeWithGrace from 'close-with-grace';

const SAME_SIGNAL_MS = 1_000;
const LONGEST_STOP_MS = 28_000;

export interface SignalsOptions {
  readonly stop: () => Promise<void>;
  /** Told what nobody expected, before everything is stopped. */
  readonly onCrash: (error: unknown) => void;
}

/**
 * Ends the process in order on SIGTERM and SIGINT (exit 0), and on an error that nobody caught (exit 1); in any case
 * within 30 s. A second signal ends it at once, unless it comes within a second: a process group's SIGTERM reaches Node
 * twice.
 * @returns ends the process as a signal would.
 */
export function endOnSignals({ stop, onCrash }: SignalsOptions): () => void {
  const { close } = closeWithGrace(
    { delay: LONGEST_STOP_MS, logger: false, skip: ['SIGTERM', 'SIGINT'] },
    async ({ err }) => {
      if (err) onCrash(err);
      await stop();
    },
  );
  let first = 0;
  const onSignal = (): void => {
    if (first === 0) {
      first = Date.now();
      close();
    } else if (Date.now() - first > SAME_SIGNAL_MS) {
      process.exit(1);
    }
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  return close;
}
