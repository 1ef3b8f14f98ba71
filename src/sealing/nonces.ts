import { randomFillSync } from 'node:crypto';

/** Drawn at once: each call into the generator costs more than sealing a webhook. */
const AT_ONCE = 256;

/** Random nonces of `bytes` bytes, each given out once. */
export function createNonces(bytes: number): () => Buffer {
  const drawn = Buffer.alloc(AT_ONCE * bytes);
  let used = drawn.length;
  return () => {
    if (used === drawn.length) {
      randomFillSync(drawn);
      used = 0;
    }
    used += bytes;
    return Buffer.from(drawn.subarray(used - bytes, used));
  };
}
