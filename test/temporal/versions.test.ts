import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import protocol from '@temporalio/proto';
import { workersFinding } from '../../src/cli/doctor-checks.js';
import { createJourneys } from '../../src/relay/journeys.js';
import { createWorkers, type Workers } from '../../src/temporal/workers.js';
import { deploymentOf, makeCurrent, versionsAtWork } from '../../src/temporal/versions.js';
import type { Fact, SignalBatch } from '../../src/domain/facts.js';
import { workflowBundle } from '../support/bundle.js';
import { createFacts, patient, SETTINGS } from '../support/facts.js';
import { spawnHerald } from '../support/app.js';
import { Outside } from '../support/journey-bench.js';
import { startTestTemporal, type TestTemporal } from '../support/temporal.js';
import { until } from '../support/until.js';

const KIT = 'kit:123456789012';
const DEPLOYMENT = 'kit-herald';
const versionOf = (buildId: string) => ({ deploymentName: DEPLOYMENT, buildId });

describe('versioned workers on a real server', () => {
  let temporal: TestTemporal;
  const started: Workers[] = [];

  beforeAll(async () => {
    temporal = await startTestTemporal();
  });
  afterAll(async () => {
    await Promise.all(started.map((workers) => workers.shutdown()));
    await temporal.close();
  });

  /** Workers of all three queues, as a release starts them, and what they do. */
  async function release(buildId: string | null): Promise<Outside> {
    const outside = new Outside({ ...SETTINGS, tooLate: false });
    const workers = createWorkers({
      connect: () => temporal.connectWorker(),
      namespace: 'default',
      identity: `worker-${buildId ?? 'unversioned'}`,
      version: buildId === null ? null : versionOf(buildId),
      bundle: await workflowBundle(),
      activities: outside,
      load: () => 0,
      emailMaxPerSecond: 100,
      partnerMaxPerSecond: 100,
      grace: 1_000,
      log: () => undefined,
    });
    started.push(workers);
    void workers.run();
    return outside;
  }
  const { fact } = createFacts();
  let told = 0;
  async function tell(...facts: Fact[]): Promise<void> {
    const batch: SignalBatch = { facts, before: told, settings: { ...SETTINGS, tooLate: false } };
    told += facts.length;
    const prior = { facts: [], notifications: [] };
    await createJourneys(temporal.client).signalWithStart(KIT, facts.at(-1)?.event ?? '', batch, prior);
  }
  const versioning = async () =>
    (await temporal.client.workflow.getHandle(KIT).describe()).raw.workflowExecutionInfo?.versioningInfo;

  test('a journey waits until a version is current, then moves to each that is made current', async () => {
    expect(await deploymentOf(temporal.client, 'default', DEPLOYMENT)).toBeNull();
    await expect(makeCurrent(temporal.client, 'default', versionOf('1.0.0'), 0)).rejects.toThrow(
      'No worker of kit-herald 1.0.0 is at work on kit-herald, kit-herald-email, kit-herald-partner',
    );

    const first = await release('1.0.0');
    await until('the first version to be at work', async () =>
      (await versionsAtWork(temporal.client, 'default')).some((one) => one?.buildId === '1.0.0'),
    );
    await tell(fact('kit.registered', 0, { person: patient('jane') }));
    // Its workers are there, and Temporal gives them nothing: what doctor warns of.
    const deployment = await deploymentOf(temporal.client, 'default', DEPLOYMENT);
    expect(deployment?.current ?? null).toBeNull();
    expect(() => workersFinding([versionOf('1.0.0')], null, versionOf('1.0.0'))).toThrow('make-current');
    expect(first.kinds).toEqual([]);

    await makeCurrent(temporal.client, 'default', versionOf('1.0.0'), 30_000);
    await until('the first version to send', () => first.kinds.length === 1);
    expect(first.kinds).toEqual(['kit.registered']);

    const second = await release('1.1.0');
    await until('the second version to be at work', async () =>
      (await versionsAtWork(temporal.client, 'default')).some((one) => one?.buildId === '1.1.0'),
    );
    await tell(fact('kit.received_lab', 1));
    await until('the first version, still current, to send', () => first.kinds.length === 2);
    expect(second.kinds).toEqual([]);

    const deployed = spawnHerald(['make-current', '--wait', '30s'], {
      TEMPORAL_ADDRESS: temporal.address,
      TEMPORAL_WORKER_BUILD_ID: '1.1.0',
    });
    expect({ code: await deployed.exited, said: deployed.output() }).toEqual({
      code: 0,
      said: 'Version 1.1.0 of kit-herald is current.\n',
    });
    expect(await deploymentOf(temporal.client, 'default', DEPLOYMENT)).toMatchObject({ current: '1.1.0' });
    await tell(fact('results.available', 2));
    await until('the second version to send', () => second.kinds.length === 1);
    expect({ first: first.kinds, second: second.kinds }).toEqual({
      first: ['kit.registered', 'kit.received_lab'],
      second: ['results.available'],
    });
    // The same run, not one that was started anew.
    expect(await versioning()).toMatchObject({
      behavior: protocol.temporal.api.enums.v1.VersioningBehavior.VERSIONING_BEHAVIOR_AUTO_UPGRADE,
      deploymentVersion: { deploymentName: DEPLOYMENT, buildId: '1.1.0' },
    });
    const history = await temporal.client.workflow.getHandle(KIT).fetchHistory();
    expect(history.events?.filter((event) => event.workflowTaskFailedEventAttributes)).toEqual([]);
  }, 90_000);
});

describe('what doctor finds of the workers', () => {
  const ours = versionOf('2');
  test.each([
    [[null], null, null, 'at work, not versioned'],
    [[null, versionOf('2')], null, ours, 'at work, not versioned, beside 2'],
    [[versionOf('1'), ours], '2', ours, 'at work, version 2 is current'],
    [[ours], '2', null, 'at work, version 2 is current'],
  ])('%j with %s current, as %j: %s', (atWork, current, set, finding) => {
    expect(workersFinding(atWork, current, set)).toBe(finding);
  });

  test.each([
    [[], null, null, /nobody works/],
    [[ours], null, ours, /no version is current, so the journeys wait: run kit-herald make-current/],
    [[ours], '1', ours, /version 1 is current and none of its workers is there/],
    [[null], '1', null, /version 1 is current and none of its workers is there/],
    [[versionOf('1'), ours], '1', ours, /version 1 is current, not 2: run kit-herald make-current/],
  ])('%j with %s current, as %j: a fault', (atWork, current, set, fault) => {
    expect(() => workersFinding(atWork, current, set)).toThrow(fault);
  });
});
