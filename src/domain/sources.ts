/** Where an inbox row came from: everything that a journey must know comes in by one of these. */
export const SOURCES = ['c4hxp', 'partner', 'mail', 'operator'] as const;
export type Source = (typeof SOURCES)[number];
