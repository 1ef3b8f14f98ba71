import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import proto from '@temporalio/proto';
import { bundleWorkflowCode, Worker, type NativeConnection } from '@temporalio/worker';
import { fileURLToPath } from 'node:url';
import { freePort } from '../support/ports.js';
import { startTestTemporal, type TestTemporal } from '../support/temporal.js';
import { until } from '../support/until.js';
import { connectTemporal } from '../../src/temporal/connection.js';
import { createJourneys } from '../../src/relay/journeys.js';
import type { Journeys } from '../../src/relay/journeys.js';
import { prepareTemporal } from '../../src/temporal/namespace.js';
import { TASK_QUEUES } from '../../src/domain/activities.js';
import type { Fact, SignalBatch } from '../../src/domain/facts.js';
import { SETTINGS } from '../support/policy-settings.js';

const AT = Date.parse('2026-11-24T12:00:00Z');
const fact = (seq: number, event: Fact['event'], more: Partial<Fact> = {}): Fact => ({
  seq,
  event,
  cause: `wh_${String(seq)}`,
  receivedAt: AT,
  at: AT + seq,
  ...more,
});
const batch = (...facts: Fact[]): SignalBatch => ({ facts, before: 0, settings: SETTINGS });

describe('journeys in a real Temporal', () => {
  let temporal: TestTemporal;
  let journeys: Journeys;
  let worker: Worker;
  let running: Promise<void>;
  let connection: NativeConnection;

  beforeAll(async () => {
    temporal = await startTestTemporal();
    journeys = createJourneys(temporal.client);
    const workflowBundle = await bundleWorkflowCode({
      workflowsPath: fileURLToPath(new URL('./listeners.ts', import.meta.url)),
      logger: {
        ...console,
        trace: () => undefined,
        debug: () => undefined,
        info: () => undefined,
        log: () => undefined,
      },
    });
    connection = await temporal.connectWorker();
    worker = await Worker.create({
      connection,
      taskQueue: TASK_QUEUES.journeys,
      workflowBundle,
    });
    running = worker.run();
  });
  afterAll(async () => {
    worker.shutdown();
    await running;
    await connection.close();
    await temporal.close();
  });

  test('a subject without a run is gone; it is started with what it is told, and signalled from then on', async () => {
    expect(await journeys.signal('kit:1', 'kit.registered', batch(fact(1, 'kit.registered')))).toBe('gone');
    expect(await journeys.isRunning('kit:1')).toBe(false);
    const prior = { facts: [fact(1, 'kit.registered', { order: 'C4H-1' })], notifications: [] };
    await journeys.signalWithStart('kit:1', 'kit.received_lab', batch(fact(2, 'kit.received_lab')), prior);
    expect(await journeys.isRunning('kit:1')).toBe(true);
    expect(await journeys.signal('kit:1', 'results.available', batch(fact(3, 'results.available')))).toBe('signalled');

    const handle = temporal.client.workflow.getHandle('kit:1');
    const heard = await until('all signals', async () => {
      const seen = await handle.query<{ start: { name: string; prior: { facts: Fact[] } }; names: string[] }>('heard');
      return seen.names.length === 2 && seen;
    });
    expect(heard.names).toEqual(['kit.received_lab', 'results.available']);
    expect(heard.start).toMatchObject({ name: '1', prior });

    const { typedSearchAttributes, staticSummary } = await handle.describe();
    const attributes = Object.fromEntries(typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value]));
    expect(attributes).toMatchObject({
      KitState: 'received_lab',
      OrderNumber: 'C4H-1',
      LastEventAt: new Date(AT + 2),
    });
    expect(await staticSummary()).toBe('Kit 1');
  });

  test('one that runs already is only signalled, by whichever of two relays', async () => {
    const start = (seq: number) =>
      journeys.signalWithStart('order:C4H-2', 'order.created', batch(fact(seq, 'order.created')), {
        facts: [],
        notifications: [],
      });
    await Promise.all([start(1), start(2), start(3)]);
    const handle = temporal.client.workflow.getHandle('order:C4H-2');
    await until('all three', async () => (await handle.query<{ names: string[] }>('heard')).names.length === 3);
  });

  test('one that was terminated is gone, and starts again under the same id', async () => {
    const begin = (seq: number) =>
      journeys.signalWithStart('kit:3', 'kit.registered', batch(fact(seq, 'kit.registered')), {
        facts: [],
        notifications: [],
      });
    await begin(1);
    await temporal.client.workflow.getHandle('kit:3').terminate('a test');
    expect(await journeys.signal('kit:3', 'kit.registered', batch(fact(2, 'kit.registered')))).toBe('gone');
    expect(await journeys.isRunning('kit:3')).toBe(false);
    await begin(2);
    expect(await journeys.isRunning('kit:3')).toBe(true);
  });

  test('the namespace is known by its id', async () => {
    expect(await journeys.namespaceId()).toBe(temporal.server.namespaceId);
  });

  test('preparing again changes nothing, and a namespace that does not exist is made', async () => {
    expect(await prepareTemporal(temporal.client, 'default')).toBe(temporal.server.namespaceId);
    const other = connectTemporal({
      address: temporal.address,
      namespace: 'new-kits',
      env: null,
      identity: 'test',
    });
    const id = await until('the new namespace', () => prepareTemporal(other.client, 'new-kits'));
    expect(id).not.toBe(temporal.server.namespaceId);
    await other.close();
  });

  test('a search attribute of another type is refused, with its name', async () => {
    const { operatorService } = temporal.client.connection;
    await operatorService.removeSearchAttributes({ namespace: 'default', searchAttributes: ['NeedsAttention'] });
    const TEXT = proto.temporal.api.enums.v1.IndexedValueType.INDEXED_VALUE_TYPE_TEXT;
    await until('it to be another one', async () => {
      await operatorService.addSearchAttributes({ namespace: 'default', searchAttributes: { NeedsAttention: TEXT } });
      const { customAttributes } = await operatorService.listSearchAttributes({ namespace: 'default' });
      return customAttributes['NeedsAttention'] === TEXT;
    });
    await expect(prepareTemporal(temporal.client, 'default')).rejects.toThrow(
      /search attribute NeedsAttention exists with another type than KEYWORD/,
    );
  });
});

describe('a Temporal that is away', () => {
  test('stops no start: calls fail in time, and work once it is there', async () => {
    const address = `127.0.0.1:${String(await freePort())}`;
    const temporal = connectTemporal({ address, namespace: 'default', env: null, identity: 'test' });
    const journeys = createJourneys(temporal.client);
    const started = Date.now();
    await expect(journeys.signal('kit:1', 'kit.registered', batch())).rejects.toThrow();
    expect(Date.now() - started).toBeLessThan(11_000);
    await temporal.close();
  });
});

describe('the settings of the connection', () => {
  test("the SDK's own TEMPORAL_* are heeded for a configured server", async () => {
    const temporal = connectTemporal({
      address: 'temporal.example.com:7233',
      namespace: 'default',
      env: { TEMPORAL_NAMESPACE: 'kits.prod', TEMPORAL_API_KEY: 'a-key', TEMPORAL_CONFIG_FILE: '/nowhere.toml' },
      identity: 'test',
    });
    expect(temporal).toMatchObject({ namespace: 'kits.prod', address: 'temporal.example.com:7233' });
    await temporal.close();
  });
});
