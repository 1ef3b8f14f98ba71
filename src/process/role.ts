import type { Logger } from 'pino';
import type { Settings } from '../config.js';
import type { Stops } from './shutdown.js';

/** `start` is receiver and worker in one process. */
export type Role = 'start' | 'receiver' | 'worker';

export const receives = (role: Role): boolean => role !== 'worker';
export const works = (role: Role): boolean => role !== 'receiver';

/** What a kit-herald of one process is started with. */
export interface HeraldOptions {
  readonly role: Role;
  readonly settings: Settings;
  readonly env: NodeJS.ProcessEnv;
  readonly logger: Logger;
  /** Told what happens while it takes long. */
  readonly say: (sentence: string) => void;
  /** Everything that is started is added here, also when a later part refuses. */
  readonly stops: Stops;
}
