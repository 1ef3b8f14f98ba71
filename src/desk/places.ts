import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { subjectAsked } from '../admin/audited.js';
import { byBarcode, byOrder } from '../admin/schemas.js';
import { isKit, nameOf, STAFF, type Subject } from '../domain/subjects.js';

/** Where each kind of subject that has a patient has its pages, under /desk. */
export const PLACES = [
  ['kits/:barcode', byBarcode],
  ['orders/:order', byOrder],
] as const;

/** Whom a page's path names; else it is the team's. */
export const subjectOf = (request: Pick<FastifyRequest, 'params'>): Subject => subjectAsked(request) ?? STAFF;

/** Where a subject's story stands. */
export const pathOf = (subject: string): string =>
  subject === STAFF
    ? '/desk/staff'
    : `/desk/${isKit(subject) ? 'kits' : 'orders'}/${encodeURIComponent(nameOf(subject))}`;

/** What names an email in a path. */
export const byMessageId = z.object({ messageId: z.string().min(1).max(220) });

export const webhookPathOf = (id: string): string => `/desk/webhooks/${encodeURIComponent(id)}`;
export const emailPathOf = (messageId: string): string => `/desk/emails/${encodeURIComponent(messageId)}`;
/** Where what is behind the mask of an email's address may be asked for. */
export const unmaskPathOf = (messageId: string): string => `${emailPathOf(messageId)}/unmask`;

/** What a page about somebody is called. */
export const headingOf = (subject: string): string =>
  subject === STAFF ? 'The team' : `${isKit(subject) ? 'Kit' : 'Order'} ${nameOf(subject)}`;
