/** The codes that a webhook's reason begins with, each as a sentence; `details` are what follows it. */
const SENTENCES: Readonly<Record<string, (details: string) => string>> = {
  not_utf8: () => 'Its bytes are no UTF-8 text.',
  not_json: () => 'It is no JSON.',
  not_object: () => 'It is JSON, but no object.',
  unknown_event: (event) =>
    event === ''
      ? 'Its event is none of those that are documented.'
      : `Its event is none of those that are documented; it probably means ${event}.`,
  invalid_data: (paths) =>
    paths === ''
      ? 'Reading it failed here: the fault is ours.'
      : `What stands at ${paths.split(',').join(', ')} is missing or can’t be read.`,
  unstorable: () => 'The database refused it as it was read.',
};

/** All that a reason can begin with. */
export const REASON_CODES: readonly string[] = Object.keys(SENTENCES);

/** Why a webhook, or a part of it, couldn't be read, in a sentence with the known paths; null where all was read. */
export function whyUnread(reason: string | null): string | null {
  if (reason === null) return null;
  const [code = '', details = ''] = reason.split(/:(.*)/s);
  return SENTENCES[code]?.(details) ?? `It couldn’t be read (${code}).`;
}
