import type { Logger } from 'pino';
import type { Settings } from '../config.js';
import { Refusal } from '../config/refusal.js';
import type { Shutdown } from './shutdown.js';

/** `start` is receiver and worker in one process. */
export type Role = 'start' | 'receiver' | 'worker';

export const receives = (role: Role): boolean => role !== 'worker';
export const works = (role: Role): boolean => role !== 'receiver';

/** @throws Refusal where receiver and worker, each a process of its own, have no database to share. */
export function refuseUnsharedDatabase(role: Role, { databaseUrl }: Pick<Settings, 'databaseUrl'>): void {
  if (role !== 'start' && databaseUrl === null)
    throw new Refusal(
      `kit-herald ${role} needs DATABASE_URL: the embedded database has one process only, which is kit-herald start.`,
    );
}

/** What a kit-herald of one process is started with. */
export interface AppOptions {
  readonly role: Role;
  readonly settings: Settings;
  readonly env: NodeJS.ProcessEnv;
  readonly logger: Logger;
  /** Told what happens while it takes long. */
  readonly say: (sentence: string) => void;
  /** Everything that is started is added here, also when a later part refuses. */
  readonly shutdown: Shutdown;
}
