import { describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { parseDotEnv } from '../../src/config/dot-env.js';
import { schema, SECRETS } from '../../src/config/schema.js';
import { fileSetting, settingsOfSecretFiles } from '../../src/config/secret-files.js';
import { faultsOf } from '../config/production-env.js';

/** Read as YAML: no cluster is there where the tests run. Their schemas are checked by `.ci/run`. */
const folder = new URL('../../deploy/kubernetes/', import.meta.url);

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
}
interface Container {
  readonly name: string;
  readonly image: string;
  readonly args: readonly string[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly startupProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly resources: {
    readonly requests: Readonly<Record<string, string>>;
    readonly limits: Readonly<Record<string, string>>;
  };
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string; readonly readOnly?: boolean }[];
}
interface Pod {
  readonly automountServiceAccountToken: boolean;
  readonly serviceAccountName: string;
  readonly terminationGracePeriodSeconds?: number;
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly containers: readonly Container[];
  readonly volumes: readonly { readonly name: string; readonly secret?: { readonly secretName: string } }[];
}
interface Resource {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec?: {
    readonly selector?: { readonly matchLabels?: unknown };
    readonly template?: {
      readonly metadata: { readonly labels: Readonly<Record<string, string>> };
      readonly spec: Pod;
    };
    readonly ports?: readonly { readonly targetPort: string }[];
    readonly maxUnavailable?: number;
    readonly ingress?: readonly { readonly ports?: readonly { readonly port: unknown }[] }[];
  };
}

const read = (path: string): Resource[] =>
  parseAllDocuments(readFileSync(new URL(path, folder), 'utf8')).flatMap((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS() === null ? [] : [document.toJS() as Resource];
  });
const listed = (place: string): string[] =>
  (read(`${place}/kustomization.yaml`)[0] as unknown as { resources: string[] }).resources.filter((name) =>
    name.endsWith('.yaml'),
  );
const base = listed('base').flatMap((file) => read(`base/${file}`));
const pods = base.flatMap((one) => (one.spec?.template === undefined ? [] : [{ ...one, pod: one.spec.template.spec }]));

describe('the manifests for Kubernetes', () => {
  test.each(['base', 'example'])('of %s are all listed', (place) => {
    const files = readdirSync(new URL(place, folder)).filter((name) => name.endsWith('.yaml'));
    expect(listed(place).toSorted()).toEqual(files.filter((name) => name !== 'kustomization.yaml').toSorted());
  });

  test('run commands that there are, each in a pod without rights that writes to memory only', () => {
    expect(pods.map(({ pod }) => pod.containers.map(({ args }) => args))).toEqual([
      [['migrate']],
      [['receiver']],
      [['worker']],
    ]);
    for (const { pod } of pods) {
      expect(pod).toMatchObject({
        automountServiceAccountToken: false,
        serviceAccountName: 'kit-herald',
        securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
      });
      for (const { securityContext, volumeMounts, resources, image } of pod.containers) {
        expect(securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
        expect(volumeMounts.map(({ mountPath }) => mountPath)).toEqual(
          expect.arrayContaining(['/data', '/tmp', '/run/secrets/kit-herald']),
        );
        expect(volumeMounts.find(({ mountPath }) => mountPath.startsWith('/run'))?.readOnly).toBe(true);
        expect(Object.keys(resources.requests)).toEqual(['cpu', 'memory']);
        expect(Object.keys(resources.limits)).toEqual(['memory']);
        expect(image).toBe('kit-herald');
      }
    }
  });

  test('ask each part where it answers, have more than one of each, and give each the time that a stop takes', () => {
    const ports: Readonly<Record<string, number>> = {
      http: schema.shape.PORT.parse(undefined),
      operators: schema.shape.ADMIN_PORT.parse(undefined),
      metrics: schema.shape.METRICS_PORT.parse(undefined),
    };
    for (const { pod, kind } of pods.filter((one) => one.kind === 'Deployment')) {
      expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(30);
      for (const container of pod.containers) {
        const own = new Map(container.ports?.map(({ name, containerPort }) => [name, containerPort]));
        for (const [name, port] of own) expect([name, port]).toEqual([name, ports[name]]);
        const probes = [container.startupProbe, container.livenessProbe, container.readinessProbe];
        expect(probes.map((probe) => probe?.httpGet.path)).toEqual(['/livez', '/livez', '/readyz']);
        for (const probe of probes) expect(own.has(probe?.httpGet.port ?? kind)).toBe(true);
      }
    }
    const budgets = base.filter(({ kind }) => kind === 'PodDisruptionBudget');
    expect(budgets.map(({ spec }) => spec?.maxUnavailable)).toEqual([1, 1]);
  });

  test('select what there is: each service, budget and policy meets the labels and the ports of a pod', () => {
    const components = pods.map(({ spec }) => spec?.template?.metadata.labels['app.kubernetes.io/component']);
    const named = JSON.stringify(base).matchAll(/"app\.kubernetes\.io\/component":"(\w+)"/g);
    for (const [, component] of named) expect(components).toContain(component);
    const ports = pods.flatMap(({ pod }) => pod.containers.flatMap((one) => one.ports ?? [])).map(({ name }) => name);
    for (const { spec } of base.filter(({ kind }) => kind === 'Service'))
      for (const { targetPort } of spec?.ports ?? []) expect(ports).toContain(targetPort);
    for (const { spec } of base.filter(({ kind }) => kind === 'NetworkPolicy'))
      for (const rule of spec?.ingress ?? []) for (const { port } of rule.ports ?? []) expect(ports).toContain(port);
  });

  test('have settings that production takes, with each secret in a file of the one secret', () => {
    const directory = mkdtempSync(join(tmpdir(), 'kit-herald-secrets-'));
    const key = (): string => `k${String(randomBytes(2).readUInt16BE())}:${randomBytes(32).toString('base64')}`;
    const SECRET_VALUES: Readonly<Record<string, string>> = {
      'database-url': 'postgres://kit_herald:Wr0ng-but-long-and-mine@db.example.com/kit_herald?sslmode=verify-full',
      'smtp-url': 'smtps://user:a-password-of-mine@smtp.example.com',
      'webhook-secret': randomBytes(24).toString('hex'),
      'encryption-keys': key(),
      'index-keys': key(),
      'admin-token': randomBytes(24).toString('hex'),
      'evidence-key': randomBytes(32).toString('base64'),
    };
    const { values: settings, faults } = parseDotEnv(readFileSync(new URL('example/settings.env', folder), 'utf8'));
    expect(faults).toEqual([]);
    // TEMPORAL_TLS is the SDK's own.
    const known = [...Object.keys(schema.shape), ...SECRETS.map(fileSetting), 'TEMPORAL_TLS'];
    for (const name of Object.keys(settings)) expect(known).toContain(name);
    const env = Object.fromEntries(
      Object.entries(settings).map(([name, value]) => {
        if (!name.endsWith('_FILE')) return [name, value];
        expect(value).toMatch(/^\/run\/secrets\/kit-herald\/[a-z-]+$/);
        const path = join(directory, basename(value));
        writeFileSync(path, SECRET_VALUES[basename(value)] ?? '', { mode: 0o600 });
        return [name, path];
      }),
    );
    try {
      expect(settings['NODE_ENV']).toBe('production');
      expect(faultsOf({ ...env, ...settingsOfSecretFiles(env) })).toEqual([]);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
