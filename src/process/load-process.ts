import type { standUp } from './run-process.js';

/**
 * Loads what runs, which no other command needs; whoever calls has read NODE_ENV by then, or doesn't heed it. React
 * picks its build by NODE_ENV when it is loaded, and renders an email several times slower in the one for its own
 * developers.
 */
export async function loadStandUp(): Promise<typeof standUp> {
  process.env['NODE_ENV'] = 'production';
  return (await import('./run-process.js')).standUp;
}
