import type { z } from 'zod';

type ApiErrorCode =
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
export class ApiRefusal extends Error {
  constructor(
    readonly statusCode: number,
    readonly code: ApiErrorCode,
    message: string,
    readonly details: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }
}

export const notFound = (what: string): ApiRefusal =>
  new ApiRefusal(404, 'RESOURCE_NOT_FOUND', `There is no such ${what}`);

/** @throws ApiRefusal 422 that names the fields at fault */
export function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new ApiRefusal(422, 'VALIDATION_ERROR', 'The request is not valid', {
    fields: parsed.error.issues.map(({ path }) => path.join('.')),
  });
}
