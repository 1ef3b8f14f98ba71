import { cpus, loadavg } from 'node:os';

/** What something was measured on, and when: without it a figure says nothing. */
export interface Machine {
  /** `2026-11-28` */
  readonly date: string;
  readonly processor: string;
  readonly cores: number;
  readonly node: string;
  /** Of the last minute, before anything was begun. */
  readonly loadBefore: number;
}

/** More than that before a run is somebody else's work, and makes everything slower than it is. */
export const QUIET_LOAD = 0.5;

export function thisMachine(): Machine {
  const [load = 0] = loadavg();
  return {
    date: new Date().toISOString().slice(0, 10),
    processor: cpus()[0]?.model ?? 'unknown processor',
    cores: cpus().length,
    node: process.version,
    loadBefore: Math.round(load * 100) / 100,
  };
}
