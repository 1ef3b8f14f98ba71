/** What an operator may be. `PERMISSIONS` (src/access/identity.ts) says what each may do. */
export const ROLES = ['reader', 'support', 'privacy', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** How a user may be called: an id that goes into logs, the audit and a proxy's header. */
export const USER_NAME = /^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/;
