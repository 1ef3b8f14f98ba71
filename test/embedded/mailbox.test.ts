import { describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
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
