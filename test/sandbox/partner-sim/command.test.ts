import { afterEach, describe, expect, test } from '@jest/globals';
import { Command, CommanderError } from 'commander';
import { createServer, type AddressInfo } from 'node:net';
import { registerPartnerSim, type SimProcess } from '../../../src/cli/partner-sim.js';
import { until } from '../../support/until.js';
import { answering, startReceiver } from './receiver.js';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

/** Runs `kit-herald partner-sim …` in this process, and tells what it printed and how it ended. */
function command(args: readonly string[], overrides: Partial<SimProcess> = {}) {
  const printed: string[] = [];
  const errors: string[] = [];
  let code: number | null = null;
  const program = new Command().exitOverride();
  registerPartnerSim(program, {
    print: (line) => printed.push(line),
    exitWith: (exitCode) => {
      code = exitCode;
    },
    stopped: () => new Promise(() => undefined),
    env: {},
    ...overrides,
  });
  for (const sub of program.commands) sub.exitOverride().configureOutput({ writeErr: (line) => errors.push(line) });
  const ended = program.parseAsync(['partner-sim', '--port', '0', ...args], { from: 'user' }).then(
    () => code,
    (error: unknown) => {
      if (error instanceof CommanderError) return error.exitCode;
      throw error;
    },
  );
  return { ended, printed, errors };
}

describe('kit-herald partner-sim', () => {
  test('plays journeys against a receiver and ends with 0 when every webhook was delivered', async () => {
    const receiver = await startReceiver(answering(200));
    open.push(receiver);
    const journeys = [
      '--journey',
      'smooth',
      '--journey',
      'cancelled',
      '--kits',
      '2',
      '--once',
      '--time-scale',
      '3600000',
    ];
    const { ended, printed } = command(['--to', receiver.url, '--secret', 's', ...journeys]);
    expect(await ended).toBe(0);
    // Three webhooks of the order and six of each kit; three of the cancelled order.
    expect(receiver.received).toHaveLength(3 + 2 * 6 + 3);
    expect(printed[0]).toMatch(/^C4HXP's stand-in: http:\/\/127\.0\.0\.1:\d+\/v2\/public/);
    expect(printed).toContainEqual(expect.stringMatching(/^kit\.registered \S+: delivered \(200, attempt 1\)$/));
  });

  test('ends with 1 when a webhook was given up, and prints JSON lines', async () => {
    const receiver = await startReceiver(answering(500));
    open.push(receiver);
    const args = [
      '--journey',
      'cancelled',
      '--events',
      'order.cancelled',
      '--once',
      '--time-scale',
      '3600000',
      '--json',
    ];
    const { ended, printed } = command(['--to', receiver.url, ...args], { env: { C4HXP_WEBHOOK_SECRET: 'new,old' } });
    expect(await ended).toBe(1);
    expect(printed.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { event: 'order.cancelled', state: 'exhausted', attempts: { length: 6 } },
    ]);
  });

  test('stays up until it is stopped, with an API and admin routes', async () => {
    let stop: () => void = () => undefined;
    const { ended, printed } = command([], {
      stopped: () =>
        new Promise((resolve) => {
          stop = resolve;
        }),
    });
    const line = await until('its address', () => printed[0]);
    const url = /http:\S+?(?=\/v2)/.exec(line)?.[0] ?? '';
    expect((await fetch(`${url}/v2/public/health/`)).status).toBe(200);
    expect(await (await fetch(`${url}/sim/journeys`)).json()).toContain('sample-rejected');
    stop();
    expect(await ended).toBe(0);
    await expect(fetch(`${url}/v2/public/health/`)).rejects.toThrow();
  });

  test('a taken port is one sentence that names its option', async () => {
    const squatter = createServer();
    await new Promise<void>((resolve) => squatter.listen(0, '127.0.0.1', resolve));
    open.push({
      close: () =>
        new Promise((resolve) =>
          squatter.close(() => {
            resolve();
          }),
        ),
    });
    const { port } = squatter.address() as AddressInfo;
    const { ended, errors } = command(['--port', String(port)]);
    expect(await ended).toBe(1);
    expect(errors).toEqual([`error: port ${port} is taken: choose another one with --port\n`]);
  });

  test.each([
    [['--to', 'http://127.0.0.1:1/'], 'error: --to needs --secret or C4HXP_WEBHOOK_SECRET\n'],
    [['--to', 'http://example.com/', '--secret', 's'], 'error: --to: webhook_url must be HTTPS\n'],
  ])('%j is wrong usage: 2, and a sentence', async (args, sentence) => {
    const { ended, errors } = command(args);
    expect(await ended).toBe(2);
    expect(errors).toEqual([sentence]);
  });

  test.each([
    ['--journey', 'nowhere'],
    ['--events', 'result.available'],
    ['--time-scale', '0'],
    ['--loss', '2'],
    ['--shape', 'xml'],
    ['--api-key', 'no-colon'],
    ['--kits', '1.5'],
  ])('%s %s is refused with what would do', async (...args) => {
    const { ended, errors } = command(args);
    expect(await ended).not.toBe(0);
    expect(errors.join('')).toContain(args[0]);
  });
});
