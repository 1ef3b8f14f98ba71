/**
 * SQL: whether an email waits, failed, came back or got no answer, by the column `status`. The condition of an index, so
 * it must stay as it is.
 */
export const OUTSTANDING = `status in ('deferred', 'failed', 'unknown', 'bounced')`;
