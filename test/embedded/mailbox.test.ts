import { describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { request } from 'node:http';
import { connect, createServer, type AddressInfo } from 'node:net';
import { createTransport } from 'nodemailer';
import { tmpdir } from 'node:os';
import { until } from '../support/until.js';

const MODULE = new URL('../../dist/src/embedded/mailbox.js', import.meta.url).href;

/** The built mailbox in a process of its own: what it is made of can't be loaded inside jest on Node 20. */
async function mailbox(port: number, smtpPort: number) {
  const script = `
    const { startMailbox } = await import(${JSON.stringify(MODULE)});
    try {
      const { stop, ...addresses } = await startMailbox(${JSON.stringify({ port, smtpPort })});
      console.log(JSON.stringify(addresses));
      process.stdin.once('end', () => stop().then(() => process.exit(0))).resume();
    } catch (error) {
      console.log(JSON.stringify({ refusal: error.message }));
      process.exit(1);
    }`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script]);
  const exited = once(child, 'exit');
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
  const line = await until('its addresses', () => printed.endsWith('\n') && printed);
  return {
    said: JSON.parse(line) as { smtpUrl: string; url: string; refusal?: string },
    folders: () => readdirSync(tmpdir()).filter((name) => name.startsWith(`kit-herald-mailbox-${String(child.pid)}.`)),
    stop: async () => {
      child.stdin.end();
      await exited;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

describe('the embedded mailbox', () => {
  test('catches an email, shows it, and forgets all when it is stopped', async () => {
    const { said, folders, stop } = await mailbox(0, 0);
    const transport = createTransport({ url: said.smtpUrl });
    await transport.sendMail({ from: 'a@example.com', to: 'b@example.com', subject: 'Your kit', text: 'Hello' });
    transport.close();
    const listed = await until('the email', async () => {
      const response = await fetch(`${said.url}/api/email`).then((answer) => answer.text());
      return response.includes('Your kit') && response;
    });
    expect(listed).toContain('b@example.com');
    expect((await fetch(said.url)).headers.get('content-type')).toContain('text/html');
    expect(folders()).toHaveLength(1);
    await stop();
    expect(folders()).toEqual([]);
  });

  test('is closed to web pages from elsewhere: to read, to empty, by a name that leads here, by websocket, by SMTP', async () => {
    const { said, stop } = await mailbox(0, 0);
    const transport = createTransport({ url: said.smtpUrl });
    await transport.sendMail({ from: 'a@example.com', to: 'b@example.com', subject: 'Your kit', text: 'Hello' });
    transport.close();
    const port = Number(new URL(said.url).port);
    const ask = (method: string, path: string, headers: Record<string, string>) =>
      new Promise<{ status: number; allowed: unknown; body: string }>((resolve, reject) => {
        const asked = request({ host: '127.0.0.1', port, method, path, headers }, (answer) => {
          let body = '';
          answer.setEncoding('utf8').on('data', (text: string) => (body += text));
          answer.on('end', () => {
            const allowed = answer.headers['access-control-allow-origin'];
            resolve({ status: answer.statusCode ?? 0, allowed, body });
          });
        });
        asked.on('upgrade', (answer, socket) => {
          socket.destroy();
          resolve({ status: answer.statusCode ?? 0, allowed: undefined, body: '' });
        });
        asked.on('error', reject).end();
      });
    const evil = { origin: 'http://evil.example' };
    const refused = { status: 403, allowed: undefined, body: expect.not.stringContaining('example.com') };
    const websocket = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' };
    expect(await ask('GET', '/api/email', evil)).toMatchObject(refused);
    expect(await ask('DELETE', '/api/email/all', evil)).toMatchObject(refused);
    expect(await ask('GET', '/api/email/all/../', { host: 'evil.example' })).toMatchObject(refused);
    expect(await ask('OPTIONS', '/api/email', { ...evil, 'access-control-request-method': 'DELETE' })).toMatchObject(
      refused,
    );
    expect(await ask('GET', '/socket.io/?EIO=4&transport=polling', evil)).toMatchObject(refused);
    const key = { 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' };
    expect(await ask('GET', '/socket.io/?EIO=4&transport=websocket', { ...websocket, ...key, ...evil })).toMatchObject(
      refused,
    );

    // A form of a page can be posted to any port: its body must not be taken for SMTP.
    const smtpPort = Number(new URL(said.smtpUrl).port);
    const dialogue = [
      'POST / HTTP/1.1',
      'Host: localhost',
      '',
      'HELO x',
      'MAIL FROM:<a@x.example>',
      'RCPT TO:<c@x.example>',
      'DATA',
    ];
    await new Promise((resolve) => {
      const socket = connect(smtpPort, '127.0.0.1', () =>
        socket.write([...dialogue, 'Subject: forged', '', 'x', '.', ''].join('\r\n')),
      );
      socket.on('error', resolve).on('close', resolve).resume();
      setTimeout(() => socket.destroy(), 1_500);
    });
    const { body, status } = await ask('GET', '/api/email', {});
    expect({ status, kept: body.includes('Your kit'), forged: body.includes('forged') }).toEqual({
      status: 200,
      kept: true,
      forged: false,
    });
    await stop();
  });

  test('what a killed one has caught is removed by the next', async () => {
    const killed = await mailbox(0, 0);
    await killed.kill();
    expect(killed.folders()).toHaveLength(1);
    const next = await mailbox(0, 0);
    expect(killed.folders()).toEqual([]);
    expect(next.folders()).toHaveLength(1);
    await next.stop();
  });

  test.each(['MAILBOX_PORT', 'MAILBOX_SMTP_PORT'])('a taken %s is refused by its name', async (setting) => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as AddressInfo;
    const { said } = await (setting === 'MAILBOX_PORT' ? mailbox(port, 0) : mailbox(0, port));
    taken.close();
    expect(said.refusal).toContain(`${setting} ${String(port)} is taken`);
  });
});
