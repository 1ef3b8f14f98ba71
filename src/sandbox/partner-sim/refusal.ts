export type RefusalCode =
  | 'UNAUTHORIZED'
  | 'FORBIDDEN'
  | 'VALIDATION_ERROR'
  | 'RESOURCE_NOT_FOUND'
  | 'RATE_LIMIT_EXCEEDED'
  | 'ORDER_INVALID_STATE'
  | 'KIT_ALREADY_REGISTERED'
  | 'INTERNAL_SERVER_ERROR'
  | 'SERVICE_UNAVAILABLE';

/** What the partner refuses, with its own code and HTTP status. */
export class Refusal extends Error {
  constructor(
    readonly statusCode: number,
    readonly code: RefusalCode,
    message: string,
    readonly details: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }
}

export const notFound = (what: string): Refusal => new Refusal(404, 'RESOURCE_NOT_FOUND', `There is no such ${what}`);
