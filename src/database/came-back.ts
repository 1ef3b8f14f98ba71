/** SQL: whether an arrival reports that an email came back or was taken for spam. The condition of an index: it must stay. */
export const REPORTED_BACK = `event in ('mail.bounced', 'mail.complained')`;

/** SQL: whether a mail server refused an email, by the column `status`. The condition of an index: it must stay. */
export const REFUSED = `status = 'failed'`;
