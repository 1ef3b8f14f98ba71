/*
 * Why kit-herald doesn't do what it was asked, in a message for a person. What helps decides which of the two it is, and
 * which exit code: whoever supervises the process knows by it whether another try is worth anything.
 *
 * - Refusal, exit 2: something has to be mended first. The message is printed as it is.
 * - Unavailable, exit 1: something isn't to be had just now. Printed as `kit-herald: …`, as any other failure is.
 */

/** Wrong usage, or what was given can't be used: a setting, a key, a template. Every other try would end alike. */
export class Refusal extends Error {
  override readonly name: string = 'Refusal';
}

/** A taken port, a DATA_DIR in use, a server that doesn't answer: another try may find it otherwise. */
export class Unavailable extends Error {
  override readonly name: string = 'Unavailable';
}

/** All that is wrong with the settings, in one message that names each variable. */
export class SettingsError extends Refusal {
  override readonly name = 'SettingsError';

  constructor(readonly faults: readonly string[]) {
    super(`These settings need a change:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
  }
}

/** The first line of whatever was thrown, for use inside a sentence. */
export function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.trim().split('\n', 1)[0] ?? '';
}
