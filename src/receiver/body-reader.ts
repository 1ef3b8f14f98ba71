import type { IncomingMessage } from 'node:http';
import type { FastifyRequest } from 'fastify';
import type { RefusalCode } from './refusals.js';

/** The whole body, or why it wasn't read to its end. */
export type ReadBody = Buffer | Extract<RefusalCode, 'body_too_large' | 'not_committed'>;

export interface BodyLimits {
  /** Bytes of one body. */
  readonly one: number;
  /** Bytes of all bodies that are being read or committed at a moment. */
  readonly all: number;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Bytes of the body that are in memory. */
    bytesHeld: number;
  }
}

/**
 * Reads bodies as bytes. They are in memory before their signature can be verified, so their sum is limited too:
 * otherwise anybody could fill it. What is beyond a limit is let pass by unread, so that its sender hears the refusal
 * instead of a connection that is reset.
 */
export function createBodyReader({ one, all }: BodyLimits) {
  let held = 0;

  return {
    read: (request: FastifyRequest, payload: IncomingMessage, done: (error: Error | null, body?: ReadBody) => void) => {
      let chunks: Buffer[] | null = [];
      const stop = (refused: ReadBody): void => {
        chunks = null;
        done(null, refused);
      };
      payload.on('data', (chunk: Buffer) => {
        if (chunks === null) return;
        request.bytesHeld += chunk.length;
        held += chunk.length;
        if (request.bytesHeld > one) stop('body_too_large');
        else if (held > all) stop('not_committed');
        else chunks.push(chunk);
      });
      payload.on('end', () => {
        if (chunks !== null) done(null, Buffer.concat(chunks, request.bytesHeld));
      });
      payload.on('error', (error: Error) => {
        if (chunks !== null) done(Object.assign(error, { statusCode: 400 }));
        chunks = null;
      });
      if (Number(request.headers['content-length']) > one) stop('body_too_large');
    },

    /** To be called once the request is over, however it ended. */
    release: (request: FastifyRequest): void => {
      held -= request.bytesHeld;
      request.bytesHeld = 0;
    },
  };
}
