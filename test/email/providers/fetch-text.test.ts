import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Agent } from 'undici';
import { createFetchText } from '../../../src/email/providers/ses.js';
import { TEST_CERTIFICATE, TEST_KEY } from './test-certificate.js';

let server: Server;
let origin: string;
let asked: (string | undefined)[];
// The certificate of the tests is nobody's: what is tried here is what is read, not whom TLS believes.
const dispatcher = new Agent({ pipelining: 0, connect: { rejectUnauthorized: false } });

beforeAll(async () => {
  asked = [];
  server = createServer({ key: TEST_KEY, cert: TEST_CERTIFICATE }, (request, response) => {
    asked.push(request.url);
    if (request.url === '/text?a=1') response.end('a certificate');
    else if (request.url === '/moved') response.writeHead(302, { location: '/text?a=1' }).end();
    else if (request.url === '/long') response.end('x'.repeat(65_537));
    else if (request.url === '/missing') response.writeHead(404).end('no');
    else response.write('and then nothing');
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  origin = `https://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
});
afterAll(async () => {
  await dispatcher.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

test('a short text is fetched, and nothing else is', async () => {
  const fetchText = createFetchText({ dispatcher, deadlineMs: 300 });
  expect(await fetchText(`${origin}/text?a=1`)).toBe('a certificate');
  await expect(fetchText(`${origin}/missing`)).rejects.toThrow('answered 404');
  await expect(fetchText(`${origin}/long`)).rejects.toThrow('too long');
  await expect(fetchText(`${origin}/drips`)).rejects.toThrow(/aborted/);
  await expect(fetchText(`${origin.replace('https', 'http')}/text`)).rejects.toThrow('only https');
});

test('a redirect is not followed: the address was checked, where it leads was not', async () => {
  asked.length = 0;
  await expect(createFetchText({ dispatcher })(`${origin}/moved`)).rejects.toThrow('answered 302');
  expect(asked).toEqual(['/moved']);
});

test('a certificate that nobody vouches for is refused', async () => {
  await expect(createFetchText()(`${origin}/text?a=1`)).rejects.toThrow();
});
