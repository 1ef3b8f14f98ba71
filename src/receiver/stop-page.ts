import type { FastifyPluginCallback, FastifyReply, FastifyRequest } from 'fastify';
import { type Topic, TOPICS } from '../domain/kinds.js';
import type { StopPage, StopPageState } from '../email/stop/page.js';
import type { StopRequest, StopTokens } from '../email/stop/token.js';
import type { Bodies, ReadBody } from './bodies.js';

/** The choices of one address, which is known by its keyed hash only. */
export interface StopChoices {
  stoppedBy(address: string): Promise<ReadonlySet<Topic>>;
  stop(address: string, topic: Topic): Promise<void>;
  undo(address: string, topic: Topic): Promise<void>;
}

export interface StopPageOptions {
  readonly bodies: Bodies;
  readonly tokens: Pick<StopTokens, 'read'>;
  readonly choices: StopChoices;
  readonly page: StopPage;
}

export const STOP_PATH = '/email/unsubscribe';
/** What is larger is no form of ours, and stops like every other POST. */
const LARGEST_FORM = 65_536;

/**
 * The page behind stop links. GET changes nothing, because scanners follow links. POST stops at once and without a
 * redirect: it is both the page's own buttons and the one-click of RFC 8058, which comes as a form of either encoding
 * from the mail provider, without cookies and without a person.
 */
export const stopPage: FastifyPluginCallback<StopPageOptions> = (app, { bodies, tokens, choices, page }, done) => {
  bodies.readIn(app, LARGEST_FORM);

  app.get<{ Params: { token: string } }>(`${STOP_PATH}/:token`, async (request, reply) => {
    const link = tokens.read(request.params.token);
    if (link === null) return answer(request, reply, 404, { page: 'unknown' });
    return attempt(request, reply, async () => ({
      page: 'choices',
      topic: link.topic,
      stopped: await choices.stoppedBy(link.address),
    }));
  });

  app.post<{ Params: { token: string } }>(`${STOP_PATH}/:token`, async (request, reply) => {
    const link = tokens.read(request.params.token);
    if (link === null) return answer(request, reply, 404, { page: 'unknown' });
    // What the page's own buttons said is not known then, and it must not be turned into the opposite.
    if (request.body === 'not_committed') return failed(request, reply);
    const { what, topic } = wish(request, link);
    return attempt(request, reply, async () => {
      await choices[what](link.address, topic);
      const stopped = await choices.stoppedBy(link.address);
      return { page: 'choices', topic: link.topic, stopped, did: { what, topic } };
    });
  });
  done();

  async function attempt(
    request: FastifyRequest,
    reply: FastifyReply,
    work: () => Promise<StopPageState>,
  ): Promise<FastifyReply> {
    let state: StopPageState;
    try {
      state = await work();
    } catch {
      return failed(request, reply);
    }
    return answer(request, reply, 200, state);
  }

  function failed(request: FastifyRequest, reply: FastifyReply): FastifyReply {
    return answer(request, reply.header('retry-after', '120'), 503, { page: 'failed' });
  }

  function answer(request: FastifyRequest, reply: FastifyReply, code: number, state: StopPageState): FastifyReply {
    return reply
      .code(code)
      .header('cache-control', 'no-store')
      .header('x-robots-tag', 'noindex')
      .type('text/html; charset=utf-8')
      .send(page(state, request.headers['accept-language']));
  }
};

/**
 * What a POST asks for. Only the page's own buttons say more than "stop": whatever else comes (a provider's one-click,
 * a multipart body, nothing at all) stops the topic of its email.
 */
function wish(request: FastifyRequest, link: StopRequest): { what: 'stop' | 'undo'; topic: Topic } {
  const body = request.body as ReadBody;
  const isForm = request.sentContentType?.startsWith('application/x-www-form-urlencoded') === true;
  const form = new URLSearchParams(isForm && Buffer.isBuffer(body) ? body.toString('utf8') : '');
  const topic = TOPICS.find((name) => name === form.get('topic')) ?? link.topic;
  return { what: form.get('do') === 'undo' ? 'undo' : 'stop', topic };
}
