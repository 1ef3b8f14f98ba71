import { afterEach, describe, expect, test } from '@jest/globals';
import { createServer, request, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerThisMachineOnly } from '../../src/http/local-only.js';

describe('what answers this machine only', () => {
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
