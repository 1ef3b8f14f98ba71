import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { kitSubject, orderSubject } from '../domain/subjects.js';
import { certificatePage } from '../privacy/certificate-page.js';
import type { Certificate } from '../privacy/certificate.js';
import type { EraseRequest } from '../privacy/erase.js';
import type { AdminPorts } from './ports.js';
import { Problem } from './problems.js';
import { askerOf } from './tokens.js';
import { byBarcode, byOrder, eraseAddressBody, eraseBody, erasureParams } from './schemas.js';

const ERASE = { needs: 'erase', audited: 'erase' } as const;

/**
 * What is due to be deleted by age; and forgetting a patient, with the certificate of it: as JSON, or as a page to print
 * for whoever prefers text/html.
 */
export function erasureRoutes({
  erasing,
  retention,
}: Pick<AdminPorts, 'erasing' | 'retention'>): FastifyPluginCallbackZod {
  async function erase(
    request: FastifyRequest,
    reply: FastifyReply,
    whom: EraseRequest,
    named: string | undefined,
  ): Promise<FastifyReply> {
    const certificate = await erasing.erase(whom, askerOf(request, named));
    return answer(request, reply, certificate);
  }

  return (app, _options, done) => {
    app.post(
      '/admin/kits/:barcode/erase',
      { config: ERASE, schema: { params: byBarcode, body: eraseBody, summary: 'Forget a kit’s patient' } },
      (request, reply) => erase(request, reply, { subject: kitSubject(request.params.barcode) }, request.body.by),
    );
    app.post(
      '/admin/orders/:order/erase',
      { config: ERASE, schema: { params: byOrder, body: eraseBody, summary: 'Forget an order’s recipient' } },
      (request, reply) => erase(request, reply, { subject: orderSubject(request.params.order) }, request.body.by),
    );
    app.post(
      '/admin/erase',
      { config: ERASE, schema: { body: eraseAddressBody, summary: 'Forget everybody who is known under an address' } },
      (request, reply) => erase(request, reply, { email: request.body.email }, request.body.by),
    );
    app.get(
      '/admin/erasures/:id',
      {
        config: { needs: 'audit', audited: 'certificate' },
        schema: { params: erasureParams, summary: 'The certificate of an erasure' },
      },
      async (request, reply) => answer(request, reply, await erasing.certificate(request.params.id)),
    );
    app.get(
      '/admin/retention',
      { config: { needs: 'read' }, schema: { summary: 'What the next run would delete by age, and the last one did' } },
      async () => ({
        due: await retention.due(),
        last: await retention.last(),
      }),
    );
    done();
  };
}

/** 202 as long as an email that was leaving is waited for. */
function answer(request: FastifyRequest, reply: FastifyReply, certificate: Certificate | null): FastifyReply {
  if (certificate === null) throw new Problem(404, 'not_found', 'Nobody is known under that.');
  const prefersPage = /^\s*text\/html\b/i.test(request.headers.accept ?? '');
  reply.code(certificate.state === 'done' || request.method === 'GET' ? 200 : 202);
  return prefersPage
    ? reply.type('text/html; charset=utf-8').send(certificatePage(certificate))
    : reply.send(certificate);
}
