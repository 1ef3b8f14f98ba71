import { cleanEnvironment } from '../config.js';
import { settingsOfDotEnv } from './dot-env.js';
import { settingsOfSecretFiles } from './secret-files.js';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What every command adds to the environment that it was given: what a `.env` of the working directory says beside it,
 * what stands in the files of secrets, and all of it as it was meant.
 * @param say is told what a person should know of it; never a value.
 * @throws Refusal when a file is there and can't be used.
 */
export function settledEnvironment(
  env: Environment,
  say: (sentence: string) => void,
  folder = '.',
): Record<string, string> {
  const told = { ...env, ...settingsOfDotEnv(env, say, folder) };
  const whole = { ...told, ...settingsOfSecretFiles(told) };
  return { ...whole, ...cleanEnvironment(whole) } as Record<string, string>;
}
