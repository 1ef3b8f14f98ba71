/** To the minute, in UTC: support agents and logs then speak of the same time. */
export const minute = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 16)}`;
