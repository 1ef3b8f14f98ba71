/**
 * Something that a person must mend before kit-herald can do what it was asked: wrong usage, a setting, a key, what
 * stands in its way on this machine. Its message is for that person. Exit code 2.
 */
export class Refusal extends Error {
  override readonly name: string = 'Refusal';
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
