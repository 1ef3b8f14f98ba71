/** Nothing but our own style sheet and forms: no script, no frame, no other site. */
export const PAGE_POLICY =
  "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/** A page that shows one of our documents in a frame. */
export const FRAMING_POLICY = `${PAGE_POLICY}; frame-src 'self'`;

/**
 * A document that brings its own style, such as an email: nothing is loaded, no link leads out of its frame, and it knows
 * nothing of the session.
 */
export const DOCUMENT_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'; sandbox";
