import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { registerSend } from '../../src/cli/send.js';
import { page } from '../c4hxp/webhook/support/reading.js';
import { SECRET, startReceiver, type TestReceiver } from '../receiver/support/receiver.js';

let receiver: TestReceiver;
let dataDir: string;
let env: NodeJS.ProcessEnv;
let printed: string;

beforeAll(async () => {
  receiver = await startReceiver({ clock: Date.now });
});
afterAll(() => receiver.close());
beforeEach(() => {
  receiver.kept.length = 0;
  dataDir = mkdtempSync(join(tmpdir(), 'kit-herald-send-'));
  env = { DATA_DIR: dataDir, C4HXP_WEBHOOK_SECRET: `${SECRET}, the one before` };
  printed = '';
  for (const stream of [process.stdout, process.stderr])
    jest.spyOn(stream, 'write').mockImplementation((text) => {
      printed += String(text);
      return true;
    });
});
afterEach(() => {
  jest.restoreAllMocks();
  process.exitCode = undefined;
  rmSync(dataDir, { recursive: true });
});

/** Runs the command as typed; answers its exit code. */
async function send(...args: string[]): Promise<number> {
  const program = new Command().exitOverride();
  registerSend(program, env);
  for (const command of program.commands) command.exitOverride();
  try {
    await program.parseAsync(['send', ...args], { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    throw error;
  }
}

const runtime = (fields: object) => {
  writeFileSync(join(dataDir, 'runtime.json'), JSON.stringify(fields));
};

describe('kit-herald send', () => {
  test('sends one event to the instance of DATA_DIR, and says what came of it', async () => {
    runtime({ receiver: receiver.url, admin: 'http://127.0.0.1:1' });
    expect(await send('kit.registered')).toBe(0);
    expect(receiver.kept).toMatchObject([{ event: 'kit.registered', verdict: 'accepted' }]);
    expect(printed).toMatch(/^kit\.registered +123456789012 +200 received \d+ ms\n$/);
  });

  test('sends to --to before all else, and to KIT_HERALD_URL before DATA_DIR’s instance', async () => {
    runtime({ receiver: 'http://127.0.0.1:1', admin: 'http://127.0.0.1:2' });
    env['KIT_HERALD_URL'] = receiver.url;
    expect(await send('kit.registered')).toBe(0);
    env['KIT_HERALD_URL'] = 'http://127.0.0.1:1';
    expect(await send('kit.registered', '--to', `${receiver.url}/webhooks/c4hxp`)).toBe(0);
    expect(receiver.kept).toHaveLength(2);
  });

  test('means the receiver when KIT_HERALD_URL is the admin address of the same instance', async () => {
    runtime({ receiver: receiver.url, admin: 'http://127.0.0.1:2' });
    env['KIT_HERALD_URL'] = 'http://127.0.0.1:2/';
    expect(await send('kit.registered')).toBe(0);
  });

  test('signs with the secret of the embedded stack where none is set', async () => {
    delete env['C4HXP_WEBHOOK_SECRET'];
    writeFileSync(join(dataDir, 'webhook-secret'), `${SECRET}\n`);
    expect(await send('kit.registered', '--to', receiver.url)).toBe(0);
  });

  test('sends the page’s own bytes with --verbatim', async () => {
    expect(await send('results.available', '--to', receiver.url, '--verbatim')).toBe(0);
    expect(receiver.kept[0]?.raw.equals(page('results.available'))).toBe(true);
  });

  test('sets fields; digits stay text where text belongs', async () => {
    const sets = ['kit_barcode=000000000012', 'patient.email=null', 'result_summary.abnormal_count=0', 'note=a=b'];
    expect(await send('results.available', '--to', receiver.url, ...sets.flatMap((one) => ['--set', one]))).toBe(0);
    const body = JSON.parse(receiver.kept[0]?.raw.toString() ?? '') as unknown;
    expect(body).toMatchObject({
      data: {
        kit_barcode: '000000000012',
        patient: { email: null },
        result_summary: { abnormal_count: 0 },
        note: 'a=b',
      },
    });
  });

  test('sends a whole journey in its order; a field is set where it has a place', async () => {
    const file = join(dataDir, 'journey.yaml');
    writeFileSync(file, 'events: [{ event: order.shipped }, { event: kit.registered, after: 2d }]');
    expect(await send(file, '--to', receiver.url, '--set', 'patient.email=me@example.com', '--json')).toBe(0);
    expect(receiver.kept.map(({ event }) => event)).toEqual(['order.shipped', 'kit.registered']);
    const [shipped, registered] = receiver.kept.map(({ raw }) => JSON.parse(raw.toString()) as { data: object });
    expect(shipped?.data).not.toHaveProperty('patient');
    expect(registered?.data).toMatchObject({ patient: { email: 'me@example.com' } });
    expect(JSON.parse(printed)).toMatchObject({
      to: `${receiver.url}/webhooks/c4hxp`,
      sent: [
        { event: 'order.shipped', status: 200, code: null },
        { event: 'kit.registered', status: 200 },
      ],
    });
  });

  test('ends with 1 when a webhook is refused or nobody listens, within 80 columns', async () => {
    env['C4HXP_WEBHOOK_SECRET'] = 'another';
    expect(await send('system.maintenance_completed', '--to', receiver.url)).toBe(1);
    expect(printed).toMatch(/401 invalid_signature/);
    expect(await send('kit.registered', '--to', 'http://127.0.0.1:1')).toBe(1);
    expect(printed).toMatch(/nobody_listens/);
    for (const line of printed.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  test.each([
    [['kit.exploded'], 'neither a journey file nor an event'],
    [['result.available'], 'did you mean results.available?'],
    [['kit.registered', '--to', 'ftp://example.com'], 'is no http:// or https:// URL'],
    [['kit.registered', '--to', 'nonsense'], 'is no http:// or https:// URL'],
    [['kit.registered'], 'No kit-herald runs on'],
    [['kit.received_lab', '--verbatim'], 'has no payload of kit.received_lab'],
    [['kit.registered', '--verbatim', '--set', 'a=1'], 'leave out --set'],
  ])('%j is wrong usage: 2, and a sentence', async (args, sentence) => {
    expect(await send(...args)).toBe(2);
    expect(printed).toContain(sentence);
    expect(receiver.kept).toEqual([]);
  });

  test('without any secret is wrong usage', async () => {
    delete env['C4HXP_WEBHOOK_SECRET'];
    expect(await send('kit.registered', '--to', receiver.url)).toBe(2);
    expect(printed).toContain('C4HXP_WEBHOOK_SECRET');
  });

  test('refuses a --set that is none', async () => {
    expect(await send('kit.registered', '--to', receiver.url, '--set', 'nothing')).not.toBe(0);
    expect(await send('kit.registered', '--to', receiver.url, '--set', '__proto__.x=1')).not.toBe(0);
    expect(receiver.kept).toEqual([]);
  });
});
