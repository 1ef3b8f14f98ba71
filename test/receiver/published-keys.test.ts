import Fastify from 'fastify';
import { expect, test } from '@jest/globals';
import { publishedKeys } from '../../src/receiver/published-keys.js';

test('the keys that evidence is signed with are where whoever checks it looks for them', async () => {
  const app = Fastify();
  await app.register(publishedKeys, { keys: () => Promise.resolve([{ id: 'ab', algorithm: 'Ed25519' }]) });
  const answer = await app.inject('/.well-known/kit-herald-keys.json');
  expect(answer.json()).toEqual({ keys: [{ id: 'ab', algorithm: 'Ed25519' }] });
  expect(answer.headers['content-type']).toMatch(/^application\/json/);
  await app.close();
});
