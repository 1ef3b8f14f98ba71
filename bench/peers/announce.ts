import type { FastifyInstance, FastifyRequest } from 'fastify';
import { createHmac, timingSafeEqual } from 'node:crypto';
import { renameSync, writeFileSync } from 'node:fs';

const setting = (name: string): string => {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: run this through npm run bench`);
  return value;
};

/** The signature's check as the partner's page shows it: what every contender has to pay for. */
export function isSigned(raw: Buffer, header: unknown): boolean {
  const expected = Buffer.from(`sha256=${createHmac('sha256', setting('BENCH_SECRET')).update(raw).digest('hex')}`);
  const given = Buffer.from(typeof header === 'string' ? header : '');
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** What a peer reads of a webhook. */
interface Webhook {
  readonly event: string;
  readonly data: { readonly kit_barcode: string; readonly patient: { readonly email: string } };
  readonly meta: { readonly webhook_id: string };
}

/** The webhook of a request; null where it isn't signed. */
export function webhookOf({ body, headers }: Pick<FastifyRequest, 'body' | 'headers'>): Webhook | null {
  const raw = body as Buffer;
  return isSigned(raw, headers['x-c4hxp-signature']) ? (JSON.parse(raw.toString('utf8')) as Webhook) : null;
}

/** Listens on a free port of loopback, tells the benchmark where, and stops on SIGTERM. */
export async function serve(
  app: FastifyInstance,
  beforeExit: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
    done(null, body);
  });
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  const announced = setting('BENCH_ANNOUNCE');
  writeFileSync(`${announced}.new`, `${url}/webhooks/c4hxp`);
  renameSync(`${announced}.new`, announced);
  process.once('SIGTERM', () => {
    void app
      .close()
      .then(beforeExit)
      .finally(() => process.exit(0));
  });
}
