import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readSettings } from '../config.js';
import { dotEnvLine } from '../config/dot-env.js';
import { Refusal, SettingsError } from '../config/refusal.js';
import { schema } from '../config/schema.js';
import { fileSetting, otherSpelling, settingsOfSecretFiles } from '../config/secret-files.js';
import { isThisMachine } from '../config/ip-ranges.js';

export type Said = Readonly<Record<string, string>>;

/** What production refuses of the settings so far: which of them, and why, to be read after its name. */
export interface Fault {
  readonly setting: string;
  readonly why: string;
}

/** A `.env` as `init` writes it. */
export interface NewDotEnv {
  readonly text: string;
  /** How many settings it says, without the comments. */
  readonly settings: number;
  /** Keys and tokens that were made for it. */
  readonly made: readonly string[];
  /** Without these production refuses to start. */
  readonly missing: readonly Fault[];
  /** Files of secrets that aren't there on this machine, so that nobody has looked into them. */
  readonly unseen: readonly string[];
}

/**
 * Settles what `--set NAME=value` may name: any setting of ours, the file of any secret, and the SDK's own. A secret is
 * no argument: those stand in the shell's history and in the list of processes.
 * @throws Refusal
 */
export function checkName(name: string): void {
  if (name === 'NODE_ENV') throw new Refusal('init writes NODE_ENV=production: trying out needs no file.');
  if (otherSpelling(name) === fileSetting(name))
    throw new Refusal(
      `${name} is a secret, and arguments can be read by others: say ${fileSetting(name)}=/path/of/a/file, or let init ask for it on a terminal.`,
    );
  if (!(name in schema.shape) && otherSpelling(name) === null && !/^TEMPORAL_[A-Z0-9_]+$/.test(name))
    throw new Refusal(`There is no setting ${name}: .env.example has them all.`);
}

/** What production would refuse, if the file said this. */
export function faultsOf(said: Said): Fault[] {
  const { env, unseen } = seen(whole(said, {}));
  try {
    readSettings(env);
    return [];
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return error.faults.map(parted).filter(({ setting }) => !unseen.includes(setting));
  }
}

/**
 * Makes the file: what was said, keys and tokens at random where none was said, and for what is still missing a line to
 * be filled in.
 * @param now for the ids of the keys
 * @throws Refusal where what was said can't be used; it names each such setting and quotes none.
 */
export function newDotEnv(said: Said, now: Date): NewDotEnv {
  const made = keysAndTokens(said, now);
  const settings = whole(said, made);
  const faults = faultsOf(settings);
  const wrong = faults.filter(({ setting }) => isSaid(setting, settings));
  if (wrong.length > 0) throw new SettingsError(wrong.map(({ setting, why }) => `${setting} ${why}`));
  return {
    text: textOf(settings, made, faults),
    settings: Object.keys(settings).length,
    made: Object.keys(made),
    missing: faults,
    unseen: seen(settings).unseen.map(fileSetting),
  };
}

const isSaid = (name: string, said: Said): boolean =>
  [name, fileSetting(name)].some((spelled) => (said[spelled] ?? '') !== '');

const parted = (fault: string): Fault => {
  const [, setting = '', why = ''] = /^([A-Z][A-Z0-9_]*):? ?(.*)$/s.exec(fault) ?? [];
  return { setting, why };
};

/** All that the file says. A Temporal elsewhere is reached by TLS, unless what was said knows better. */
function whole(said: Said, made: Said): Said {
  const address = (said['TEMPORAL_ADDRESS'] ?? '').replace(/:\d+$/, '');
  const knowsBetter = Object.keys(said).some((name) => /^TEMPORAL_(TLS|API_KEY|PROFILE|CONFIG_FILE)/.test(name));
  const tls = address === '' || isThisMachine(address) || knowsBetter ? {} : { TEMPORAL_TLS: 'true' };
  return { NODE_ENV: 'production', ...made, ...said, ...tls };
}

/** With what stands in the files, as far as they can be seen from here: a container has its own. */
function seen(settings: Said): { readonly env: Record<string, string>; readonly unseen: readonly string[] } {
  const env: Record<string, string> = { ...settings };
  const unseen: string[] = [];
  for (const [name, path] of Object.entries(settings)) {
    const secret = otherSpelling(name);
    if (secret === null || fileSetting(secret) !== name) continue;
    if (existsSync(path)) Object.assign(env, settingsOfSecretFiles({ [name]: path }));
    else unseen.push(secret);
  }
  return { env, unseen };
}

/** What nobody else gives, unless it was said. */
function keysAndTokens(said: Said, now: Date): Record<string, string> {
  const month = now.toISOString().slice(0, 7);
  const random = () => randomBytes(32).toString('base64');
  const token = () => randomBytes(32).toString('base64url');
  const all = {
    ENCRYPTION_KEYS: `enc-${month}:${random()}`,
    INDEX_KEYS: `idx-${month}:${random()}`,
    EVIDENCE_KEY: random(),
    ADMIN_TOKEN: token(),
    SUPPORT_TOKEN: token(),
  };
  return Object.fromEntries(Object.entries(all).filter(([name]) => !isSaid(name, said)));
}

function textOf(settings: Said, made: Said, missing: readonly Fault[]): string {
  const line = (name: string) => dotEnvLine(name, settings[name] ?? '');
  const others = Object.keys(settings).filter((name) => name !== 'NODE_ENV' && !(name in made));
  const order = [...Object.keys(schema.shape).flatMap((name) => [name, fileSetting(name)]), ...others.sort()];
  const ordered = [...new Set(order)].filter((name) => others.includes(name));
  return [
    '# kit-herald in production, as kit-herald init made it. .env.example explains every setting, also those that are',
    '# not here because they have a default; docs/production.md is the way from here.',
    line('NODE_ENV'),
    ...(Object.keys(made).length === 0
      ? []
      : [
          '',
          '# Made at random. Whoever loses ENCRYPTION_KEYS and INDEX_KEYS has lost every contact: keep a copy elsewhere, apart',
          '# from the backups of the database (docs/keys.md).',
          ...Object.keys(made).map(line),
        ]),
    ...(ordered.length === 0 ? [] : ['', '# As it was told to init.', ...ordered.map(line)]),
    ...(missing.length === 0
      ? []
      : [
          '',
          '# Still missing: write each, and take the # in front of its name away.',
          ...missing.flatMap(({ setting, why }) => [`# ${setting} ${why}.`, `# ${setting}=`]),
        ]),
    '',
  ].join('\n');
}
