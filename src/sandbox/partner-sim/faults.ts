import type { FastifyReply, FastifyRequest } from 'fastify';

/** How an answer of the API can go wrong. */
export const FAULTS = ['hang', 'cut', 'html', 'status', 'slow'] as const;
export interface Fault {
  readonly how: (typeof FAULTS)[number];
  /** `status` and `html`: which one; default 500 and 502. */
  readonly status?: number | undefined;
  /** How many requests it strikes; default 1. */
  readonly times?: number | undefined;
  /** Only requests whose path has this in it; default all. */
  readonly path?: string | undefined;
}

export interface Faults {
  readonly add: (fault: Fault) => void;
  readonly clear: () => void;
  /** Whether it has struck: then the request is dealt with (or never will be). */
  readonly strike: (request: FastifyRequest, reply: FastifyReply) => Promise<boolean>;
}

/** A slow answer drips a blank every this many ms, and never ends. */
const DRIP = 50;

export function createFaults(): Faults {
  let pending: { fault: Fault; left: number }[] = [];
  return {
    add: (fault) => {
      pending.push({ fault, left: fault.times ?? 1 });
    },
    clear: () => {
      pending = [];
    },
    strike: async (request, reply) => {
      const next = pending.find(({ fault }) => request.url.includes(fault.path ?? ''));
      if (next === undefined) return false;
      next.left -= 1;
      if (next.left <= 0) pending = pending.filter((one) => one !== next);
      await commit(next.fault, reply);
      return true;
    },
  };
}

async function commit({ how, status }: Fault, reply: FastifyReply): Promise<void> {
  switch (how) {
    case 'hang':
      reply.hijack();
      return;
    case 'cut':
      reply.hijack();
      reply.raw.destroy();
      return;
    case 'html':
      await reply
        .code(status ?? 502)
        .type('text/html')
        .send('<html><body><h1>Bad Gateway</h1></body></html>');
      return;
    case 'status':
      await reply.code(status ?? 500).send({ error: { code: 'INTERNAL_SERVER_ERROR', message: 'Something broke' } });
      return;
    case 'slow':
      reply.hijack();
      drip(reply);
  }
}

function drip(reply: FastifyReply): void {
  reply.raw.writeHead(200, { 'content-type': 'application/json' });
  const timer = setInterval(() => reply.raw.write(' '), DRIP);
  reply.raw.on('close', () => {
    clearInterval(timer);
  });
}
