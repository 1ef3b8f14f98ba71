import { expect, test } from '@jest/globals';
import pino from 'pino';
import { readSettings } from '../../src/config.js';
import { listUnknownWords } from '../../src/ledger/unknown-words.js';
import { partnerQuestions } from '../../src/process/partner.js';
import { json, startHostile } from '../c4hxp/api/hostile-server.js';
import { newSealing } from '../ledger/support.js';
import { startDatabases } from '../support/databases.js';
import { until } from '../support/until.js';

test('a word of the partner’s that no table has is counted where doctor and the metrics look', async () => {
  const databases = await startDatabases('pglite');
  const database = await databases.fresh();
  const server = await startHostile((request, response) => {
    const isKit = request.url?.endsWith('/kits/123456789012') === true;
    json(isKit ? 200 : 404, { data: { barcode: '123456789012', status: 'Beamed Up' } })(request, response);
  });
  const counted: unknown[] = [];
  const questions = partnerQuestions({
    settings: readSettings({ PARTNER_API_URL: server.origin, PARTNER_API_KEY: 'c4hxp_test_a:sk_test_b' }),
    sealing: newSealing(),
    database,
    logger: pino({ level: 'silent' }),
    count: (name, labels) => counted.push([name, labels]),
  });
  const { signal } = new AbortController();
  const question = { subject: 'kit:123456789012', why: 'silence', rank: 'usual', attempt: 3, signal } as const;
  expect(await questions?.ask(question)).toMatchObject({ outcome: 'answered' });
  expect(counted).toEqual([['partner_unknown_words', { place: 'status' }]]);
  const kept = await until('the word to be kept', async () => {
    const words = await listUnknownWords(database);
    return words.length > 0 && words;
  });
  expect(kept).toMatchObject([{ place: 'status', word: 'beamed_up', answers: 1 }]);
  await questions?.close();
  await server.close();
  await databases.stop();
});
