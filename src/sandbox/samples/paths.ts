const UNTOUCHABLE = new Set(['__proto__', 'prototype', 'constructor']);
const ROOTS = new Set(['event', 'data', 'meta']);

type Container = Record<string, unknown>;

/** `kits.0.barcode` means `data.kits.0.barcode`: what one wants to set is nearly always in `data`. */
export function readPath(path: string): string[] {
  const parts = path.split('.');
  if (parts.some((part) => part === '' || UNTOUCHABLE.has(part))) throw new Error(`"${path}" is no path`);
  return ROOTS.has(parts[0] ?? '') ? parts : ['data', ...parts];
}

/** The value at a path; undefined where there is none. */
export function valueAt(root: object, path: readonly string[]): unknown {
  let value: unknown = root;
  for (const part of path) {
    if (!isContainer(value) || !Object.hasOwn(value, part)) return undefined;
    value = value[part];
  }
  return value;
}

/** Sets the value at a path, making the objects on the way there. */
export function setAt(root: object, path: readonly string[], value: unknown): void {
  let place = root as Container;
  for (const part of path.slice(0, -1)) {
    const next = Object.hasOwn(place, part) ? place[part] : undefined;
    if (isContainer(next)) place = next;
    else place = place[part] = {} as Container;
  }
  const last = path.at(-1);
  if (last !== undefined) place[last] = value;
}

const isContainer = (value: unknown): value is Container => typeof value === 'object' && value !== null;
