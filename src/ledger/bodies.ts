import type { SealedLocation } from '../sealing/sealing.js';

/** Where an arrival's raw bytes are sealed. */
export const bodyLocation = (dedup: Buffer): SealedLocation => ({
  table: 'inbox_bodies',
  column: 'sealed',
  key: [dedup],
});
