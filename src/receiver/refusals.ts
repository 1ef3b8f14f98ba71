/** Every way in which a request is refused: a closed set, mapped to HTTP in one place. */
const REFUSALS = {
  invalid_signature: [401, 'The signature is missing or does not match the body.'],
  address_not_allowed: [403, 'This address may not post webhooks.'],
  https_required: [403, 'Webhooks are taken over HTTPS only.'],
  bad_request: [400, 'The request could not be understood.'],
  not_found: [404, 'There is nothing here.'],
  method_not_allowed: [405, 'This method is not possible here.'],
  request_timeout: [408, 'The request did not arrive in time.'],
  body_too_large: [413, 'The body is too large.'],
  address_too_long: [414, 'The address is too long.'],
  unsupported_encoding: [415, 'Content encodings are not supported: send the body as it was signed.'],
  unsupported_media_type: [415, 'This content type is not supported.'],
  too_many_requests: [429, 'Too many requests.'],
  headers_too_large: [431, 'The headers are too large.'],
  internal_error: [500, 'Something went wrong here.'],
  not_committed: [503, 'The webhook could not be stored. Please send it again.'],
  unavailable: [503, 'This is not available at the moment.'],
} as const satisfies Record<string, readonly [status: number, message: string]>;

export type RefusalCode = keyof typeof REFUSALS;

export interface Refusal {
  readonly code: RefusalCode;
  readonly status: number;
  /** `{"error": {"code", "message"}}`: our own words only, never those of an error. */
  readonly body: { readonly error: { readonly code: RefusalCode; readonly message: string } };
}

/** @param words instead of the code's own, where more can be said. */
export function refusal(code: RefusalCode, words?: string): Refusal {
  const [status, message] = REFUSALS[code];
  return { code, status, body: { error: { code, message: words ?? message } } };
}

/** The refusal that a status of Fastify's or of a plugin's error stands for. */
export function refusalOf(status: number): Refusal {
  const code = BY_STATUS.get(status) ?? (status >= 400 && status < 500 ? 'bad_request' : 'internal_error');
  return refusal(code);
}

const BY_STATUS = new Map<number, RefusalCode>([
  [404, 'not_found'],
  [405, 'method_not_allowed'],
  [408, 'request_timeout'],
  [413, 'body_too_large'],
  [414, 'address_too_long'],
  [415, 'unsupported_media_type'],
  [429, 'too_many_requests'],
  [431, 'headers_too_large'],
  [503, 'unavailable'],
]);
