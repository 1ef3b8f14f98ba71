/** `start` is receiver and worker in one process. */
export type Role = 'start' | 'receiver' | 'worker';

export const receives = (role: Role): boolean => role !== 'worker';
export const works = (role: Role): boolean => role !== 'receiver';
