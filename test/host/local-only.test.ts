import { afterEach, describe, expect, test } from '@jest/globals';
import { createServer, request, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { childEnvironment } from '../../src/host/processes.js';
import { answerThisMachineOnly, isFromHere } from '../../src/host/local-only.js';

describe('what answers this machine only', () => {
  test.each([
    { host: 'localhost:1080' },
    { host: '127.0.0.1:1080' },
    { host: '[::1]:1080' },
    { host: 'localhost' },
    { host: 'mailbox.localhost:1080' },
    { host: 'localhost:1080', origin: 'http://localhost:1080', 'sec-fetch-site': 'same-origin' },
    { host: 'localhost:1080', 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' },
    {
      host: 'localhost:1080',
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
    },
  ])('answers %j', (headers) => {
    expect(isFromHere({ headers })).toBe(true);
  });

  test.each([
    {},
    { host: 'evil.example:1080' },
    { host: 'localhost.evil.example' },
    { host: 'evil.example#localhost' },
    { host: '127.0.0.1.evil.example' },
    { host: '192.168.1.7:1080' },
    { host: '' },
    { host: 'localhost:1080', origin: 'http://evil.example' },
    { host: 'localhost:1080', origin: 'null' },
    { host: 'localhost:1080', origin: 'http://localhost:3000' },
    { host: 'localhost:1080', origin: 'https://localhost:1080' },
    { host: 'localhost:1080', origin: 'http://127.0.0.1:1080' },
    { host: 'evil.example:1080', origin: 'http://evil.example:1080' },
    { host: 'localhost:1080', 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' },
    { host: 'localhost:1080', 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' },
    {
      host: 'localhost:1080',
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'iframe',
    },
  ])('refuses %j', (headers) => {
    expect(isFromHere({ headers })).toBe(false);
  });

  test('refuses a form that a foreign page sends', () => {
    const headers = {
      host: 'localhost:1080',
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
    };
    expect(isFromHere({ method: 'POST', headers })).toBe(false);
  });

  let server: Server | null = null;
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
  });

  test('is asked before anything that a server does, websockets too', async () => {
    const done: string[] = [];
    server = createServer((_request, response) => {
      done.push('request');
      response.end('yes');
    });
    server.on('upgrade', (_request, socket) => {
      done.push('upgrade');
      socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\n');
    });
    answerThisMachineOnly(server);
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const ask = (headers: Record<string, string>): Promise<number> =>
      new Promise((resolve, reject) => {
        const asked = request({ host: '127.0.0.1', port, headers }, (answer: IncomingMessage) => {
          answer.resume();
          resolve(answer.statusCode ?? 0);
        });
        asked.on('upgrade', (answer, socket) => {
          socket.destroy();
          resolve(answer.statusCode ?? 0);
        });
        asked.on('error', reject).end();
      });
    const socket = { connection: 'Upgrade', upgrade: 'websocket' };
    expect(await ask({ origin: 'http://evil.example' })).toBe(403);
    expect(await ask({ ...socket, origin: 'http://evil.example' })).toBe(403);
    expect(await ask({ ...socket, host: 'evil.example' })).toBe(403);
    expect(done).toEqual([]);
    expect(await ask({})).toBe(200);
    expect(await ask(socket)).toBe(101);
    expect(done).toEqual(['request', 'upgrade']);
  });
});

describe('the environment of a program of somebody else’s', () => {
  const env = {
    PATH: '/bin',
    HOME: '/root',
    LC_ALL: 'C',
    XDG_CACHE_HOME: '/c',
    https_proxy: 'http://proxy',
    SSL_CERT_FILE: '/ca.pem',
    PIP_INDEX_URL: 'https://index',
    ADMIN_TOKEN: 'secret',
    ENCRYPTION_KEYS: 'secret',
    DATABASE_URL: 'secret',
    NODE_OPTIONS: '--require=x',
    TEMPORAL_API_KEY: 'secret',
    AWS_SECRET_ACCESS_KEY: 'secret',
  };

  test('holds where things are and how to reach the world, and none of our secrets', () => {
    expect(Object.keys(childEnvironment(env))).toEqual([
      'PATH',
      'HOME',
      'LC_ALL',
      'XDG_CACHE_HOME',
      'https_proxy',
      'SSL_CERT_FILE',
    ]);
    expect(Object.keys(childEnvironment(env, /^PIP_/))).toContain('PIP_INDEX_URL');
  });
});
