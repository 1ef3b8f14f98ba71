import { WEBHOOK_PATH } from '../c4hxp/webhook/source.js';
import type { Settings } from '../config.js';
import { secretFile } from './embedded-parts.js';
import type { RuntimeInfo } from './runtime-file.js';

/** Printed once, when everything is ready: the same addresses as in runtime.json, without the token. */
export function addressBlock(runtime: RuntimeInfo, settings: Pick<Settings, 'dataDir' | 'c4hxpWebhookSecret'>): string {
  const madeSecret = settings.c4hxpWebhookSecret.length === 0 ? `secret in ${secretFile(settings.dataDir)}` : '';
  const lines: [string, string | null, string][] = [
    ['Webhooks', runtime.receiver === null ? null : `${runtime.receiver}${WEBHOOK_PATH}`, madeSecret],
    ['Mailbox', runtime.mailbox, 'every email that was sent'],
    ['Temporal', runtime.temporalUi, 'each kit as a workflow'],
    ['Admin API', runtime.admin, `token in ${settings.dataDir}/runtime.json`],
    ['Metrics', runtime.metrics, ''],
    ['Temporal at', runtime.temporalAddress, `namespace ${runtime.temporalNamespace ?? ''}`],
    ['SMTP at', runtime.smtp, ''],
  ];
  const shown = lines.filter(([, address]) => address !== null);
  const widest = Math.max(...shown.map(([, address]) => address?.length ?? 0));
  return [
    `kit-herald is ready (process ${String(runtime.pid)}, data in ${settings.dataDir}).`,
    ...shown.map(([name, address, note]) =>
      `  ${name.padEnd(12)} ${(address ?? '').padEnd(widest)}  ${note}`.trimEnd(),
    ),
  ].join('\n');
}
