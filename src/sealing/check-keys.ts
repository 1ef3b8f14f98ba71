import { KeyProblem } from './keys.js';
import type { Sealing } from './sealing.js';

/** What a database remembers of the keys it was written with (`createMeta`). */
export interface KeyMemory {
  /** Everything remembered whose name starts so. */
  list(prefix: string): Promise<{ readonly key: string; readonly value: string }[]>;
  /** Remembers it unless something is remembered under that name; tells what is remembered now. */
  remember(key: string, value: string): Promise<string>;
}

const PREFIX = 'key-check:';

/**
 * Compares the configured keys with those the database was written with, and remembers new ones. Every former key must
 * still be there: without it some rows don't open, or a repeated webhook isn't recognised.
 * @throws KeyProblem in one sentence that names the setting and the key's id.
 */
export async function checkKeys(sealing: Sealing, memory: KeyMemory): Promise<void> {
  const configured = new Map(sealing.checkValues().map(({ name, value }) => [name, value]));
  for (const { key } of await memory.list(PREFIX)) {
    const name = key.slice(PREFIX.length);
    if (!configured.has(name)) {
      const [setting, id] = split(name);
      throw new KeyProblem(
        `${setting} lacks the key "${id}", with which this database was written: add it behind the newer ones.`,
      );
    }
  }
  for (const [name, value] of configured) {
    if ((await memory.remember(PREFIX + name, value)) !== value) {
      const [setting, id] = split(name);
      throw new KeyProblem(
        `${setting}: the key "${id}" is not the one with which this database was written: put the former one back, or give the new one another id.`,
      );
    }
  }
}

function split(name: string): [setting: string, id: string] {
  const colon = name.indexOf(':');
  return [name.slice(0, colon), name.slice(colon + 1)];
}
