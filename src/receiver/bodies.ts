import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { senderOf } from '../http/senders.js';
import type { Limit } from '../inbox/capacity.js';
import type { RefusalCode } from './refusals.js';

/** The whole body, or why it wasn't read to its end. */
export type ReadBody = Buffer | Extract<RefusalCode, 'body_too_large' | 'not_committed'>;

/** Bytes of memory. */
export interface BodyLimits {
  /** One body. */
  readonly one: number;
  /** All bodies of one sender that are being read at a moment. */
  readonly ofOneSender: number;
  /** All bodies that are being read at a moment. */
  readonly all: number;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The Content-Type as it was sent, where every body is read as bytes. */
    sentContentType: string | null;
  }
}

export interface Bodies {
  /**
   * Has the routes of a scope read every body as bytes (`request.body` is a ReadBody), whatever its Content-Type says.
   * @param one largest body, in bytes; without it, that of the limits
   */
  readIn(scope: FastifyInstance, one?: number): void;
  /** Bytes that are taken up. */
  holds(): number;
  /** How full it is. None of these keeps a webhook out: see `createBodies`. */
  limits(): readonly Limit[];
}

const MEBIBYTE = 1024 * 1024;
const LIMITS: BodyLimits = { one: MEBIBYTE, ofOneSender: 16 * MEBIBYTE, all: 64 * MEBIBYTE };
const BYTES = 'application/octet-stream';
/** A body grows from here; the first bytes are reserved only when some have come. */
const FIRST_BYTES = 16 * 1024;
/** ms for which "full" is said after a body had to go. */
const REMEMBERED_MS = 10_000;

/** A body of which bytes have come. */
interface Reading {
  readonly sender: string;
  /** Bytes that it takes up. */
  taken: number;
  /** Refuses it, to make room for others. */
  readonly giveUp: () => void;
}

interface Sender {
  taken: number;
  /** Oldest first; none without bytes. */
  readonly readings: Set<Reading>;
}

/**
 * Memory for bodies that are being read: nothing is known of them yet, not even who signed them. So it is bounded, and
 * what is full is never refused to a newcomer, or else whoever sends slowly could fill it and keep everybody out: the
 * oldest body of the sender that takes up most has to go. A webhook comes within milliseconds. What is taken up is given
 * back at the body's end or when its request breaks off; whatever is kept after that is the intake's to count.
 */
export function createBodies(limits: BodyLimits = LIMITS, clock: () => number = () => performance.now()): Bodies {
  const senders = new Map<string, Sender>();
  let taken = 0;
  const lastGivenUp = { all: -Infinity, ofOneSender: -Infinity };

  function take(reading: Reading, bytes: number): void {
    const sender = senders.get(reading.sender) ?? { taken: 0, readings: new Set() };
    senders.set(reading.sender, sender);
    sender.readings.add(reading);
    reading.taken += bytes;
    sender.taken += bytes;
    taken += bytes;
    while (sender.taken > limits.ofOneSender) {
      lastGivenUp.ofOneSender = clock();
      giveUpOldestOf(sender);
    }
    while (taken > limits.all) {
      lastGivenUp.all = clock();
      giveUpOldestOf(busiest());
    }
  }

  function giveBack(reading: Reading): void {
    const sender = senders.get(reading.sender);
    if (sender?.readings.delete(reading) !== true) return;
    taken -= reading.taken;
    sender.taken -= reading.taken;
    if (sender.readings.size === 0) senders.delete(reading.sender);
  }

  function giveUpOldestOf(sender: Sender | undefined): void {
    for (const oldest of sender?.readings ?? []) {
      oldest.giveUp();
      return;
    }
    throw new Error('bytes are taken up by nobody');
  }

  function busiest(): Sender | undefined {
    let found: Sender | undefined;
    for (const sender of senders.values()) if (sender.taken > (found?.taken ?? 0)) found = sender;
    return found;
  }

  const share = (bytes: number, limit: number, givenUpAt: number): number =>
    clock() - givenUpAt < REMEMBERED_MS ? 1 : bytes / limit;

  const reader =
    (one: number) =>
    (request: FastifyRequest, payload: IncomingMessage, done: (error: Error | null, body?: ReadBody) => void): void => {
      const announced = Number(request.headers['content-length'] ?? Number.NaN);
      if (announced > one) {
        // Let pass by unread, so that its sender hears the refusal instead of a connection that is reset.
        payload.resume();
        done(null, 'body_too_large');
        return;
      }
      let bytes = Buffer.alloc(0);
      let length = 0;
      let isOver = false;
      const finish = (error: Error | null, body?: ReadBody): void => {
        if (isOver) return;
        isOver = true;
        giveBack(reading);
        bytes = Buffer.alloc(0);
        done(error, body);
      };
      const reading: Reading = {
        sender: senderOf(request.ip),
        taken: 0,
        giveUp: () => {
          finish(null, 'not_committed');
        },
      };

      // Copied together as they come: of a body in chunks of one byte each, every chunk takes up a hundred times that.
      const add = (chunk: Buffer): void => {
        if (isOver) return;
        const wanted = length + chunk.length;
        if (wanted > one) {
          finish(null, 'body_too_large');
          return;
        }
        if (wanted > bytes.length) {
          const most = Number.isNaN(announced) ? one : Math.max(announced, wanted);
          const larger = Math.min(Math.max(wanted, bytes.length * 2, FIRST_BYTES), most);
          take(reading, larger - bytes.length);
          if (hasEnded()) return;
          const grown = Buffer.allocUnsafe(larger);
          bytes.copy(grown, 0, 0, length);
          bytes = grown;
        }
        chunk.copy(bytes, length);
        length = wanted;
      };
      const hasEnded = (): boolean => isOver;
      payload.on('data', add);
      payload.on('end', () => {
        finish(null, length < bytes.length ? Buffer.from(bytes.subarray(0, length)) : bytes);
      });
      payload.on('error', (error: Error) => {
        finish(Object.assign(error, { statusCode: 400 }));
      });
      payload.on('close', () => {
        finish(Object.assign(new Error('the request broke off'), { statusCode: 400 }));
      });
    };

  return {
    readIn(scope, one = limits.one) {
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser(BYTES, reader(one));
      scope.decorateRequest('sentContentType', null);
      scope.addHook('onRequest', (request, _reply, next) => {
        const { headers } = request.raw;
        request.sentContentType = headers['content-type'] ?? null;
        headers['content-type'] = BYTES;
        next();
      });
    },
    holds: () => taken,
    limits: () => [
      { name: 'bodies', used: share(taken, limits.all, lastGivenUp.all) },
      {
        name: 'bodies_of_one_sender',
        used: share(busiest()?.taken ?? 0, limits.ofOneSender, lastGivenUp.ofOneSender),
      },
    ],
  };
}
