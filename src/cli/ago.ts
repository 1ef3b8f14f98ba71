import { InvalidArgumentError } from 'commander';
import { parseDuration } from '../config/values.js';

/** How long before now (ms): what `--since 30d` says. */
export function ago(text: string): number {
  const ms = parseDuration(text);
  if (ms === null) throw new InvalidArgumentError('must be a duration such as 30d');
  return ms;
}
