import type { FactEvent } from '../../domain/events.js';
import type { Failure } from '../../domain/facts.js';
import { words } from './spelling.js';

/**
 * The partner's words, one table for each place where it uses some. They are closed lists: a word that is in none is not
 * guessed, it makes a human look (`unknown_status`).
 *
 * To add a word: find the row of what it means, and write the word at its end after a comma, in small letters. Capitals,
 * blanks, dashes and underscores make no difference. A word of another source has a row of its own (`page`, `openapi` or
 * `general`: see spelling.ts). A word can't stand in two rows of one table.
 */

/** A word that is known, and tells a journey nothing. */
const NOTHING = null;

/** What a status says: an event, that the sample gives no results and why, or nothing. */
export type StatusMeaning = FactEvent | Failure | typeof NOTHING;

/** `status` of the reference's kit, `kit_status` of the OpenAPI's. Words of transit and of failures count as well. */
// prettier-ignore
export const KIT_STATUSES = words<StatusMeaning>([
  [NOTHING,                  'page',    'created'],
  [NOTHING,                  'general', 'pending, new, ordered, assigned, allocated, packed'],
  ['kit.shipped',            'page',    'shipped'],
  ['kit.shipped',            'general', 'dispatched, despatched, kit_shipped'],
  ['kit.delivered',          'page',    'delivered'],
  ['kit.delivered',          'general', 'kit_delivered'],
  ['kit.registered',         'page',    'registered'],
  ['kit.registered',         'general', 'kit_registered'],
  ['kit.posted',             'page',    'shipped_to_lab'],
  ['kit.received_lab',       'page',    'received_lab, in_lab'],
  ['kit.received_lab',       'general', 'received_at_lab, received_by_lab, at_lab, lab_received, kit_received_lab'],
  ['kit.processing_started', 'page',    'processing'],
  ['kit.processing_started', 'general', 'in_processing, processing_started'],
  ['kit.processing_completed', 'general', 'processing_completed'],
  ['results.available',      'page',    'completed'],
  ['results.available',      'general', 'complete'],
  ['kit.failed',             'page',    'failed'],
  ['kit.failed',             'general', 'kit_failed, unusable, unprocessable, could_not_be_processed, processing_failed'],
  ['kit.cancelled',          'page',    'cancelled'],
  ['kit.cancelled',          'general', 'canceled, voided, kit_cancelled, kit_canceled'],
  ['expired_kit',            'general', 'expired'],
]);

/** `sample_status`, and `status` in `sample`: about the sample, so that `completed` speaks of the lab's work only. */
// prettier-ignore
export const SAMPLE_STATUSES = words<StatusMeaning>([
  [NOTHING, 'general', 'none, n/a, not_applicable, created, pending, new, registered, not_started, awaiting_sample'],
  [NOTHING, 'general', 'not_collected, awaiting_collection, collected, not_received, not_yet_received, awaiting_receipt'],
  [NOTHING, 'general', 'not_shipped, not_posted, awaiting_shipment, expected'],
  ['kit.posted',               'page',    'shipped_to_lab'],
  ['kit.posted',               'general', 'shipped, sent, sent_to_lab, posted, mailed, in_transit'],
  ['kit.received_lab',         'page',    'received_lab, in_lab'],
  ['kit.received_lab',         'general', 'received, received_at_lab, received_by_lab, at_lab, lab_received'],
  ['kit.received_lab',         'general', 'accessioned, accepted, checked_in, arrived, arrived_at_lab'],
  ['kit.processing_started',   'page',    'processing'],
  ['kit.processing_started',   'general', 'in_processing, in_process, processing_started, in_progress, testing, in_testing'],
  ['kit.processing_started',   'general', 'analyzing, analysing, in_analysis'],
  ['kit.processing_completed', 'page',    'completed'],
  ['kit.processing_completed', 'general', 'complete, processed, processing_completed, tested, analyzed, analysed, resulted'],
  ['kit.failed',               'page',    'failed'],
  ['kit.failed',               'general', 'sample_failed, unusable, unprocessable, could_not_be_processed, processing_failed'],
  ['kit.cancelled',            'page',    'cancelled'],
  ['kit.cancelled',            'general', 'canceled, voided'],
  ['expired_sample',           'general', 'expired'],
]);

/** `event` of an entry of the timeline (which the OpenAPI has as the history of `kits/{barcode}/tracking`). */
// prettier-ignore
export const TIMELINE_EVENTS = words<FactEvent | typeof NOTHING>([
  [NOTHING,                    'general', 'kit_created, kit_assigned, kit_packed, sample_collected, order_created'],
  ['kit.shipped',              'page',    'kit_shipped'],
  ['kit.delivered',            'general', 'kit_delivered'],
  ['kit.registered',           'page',    'kit_registered'],
  ['kit.posted',               'general', 'kit_shipped_to_lab'],
  ['kit.received_lab',         'page',    'kit_received_lab'],
  ['kit.received_lab',         'general', 'kit_in_lab, kit_received_at_lab, received_lab, sample_received, sample_received_lab'],
  ['kit.processing_started',   'page',    'processing_started'],
  ['kit.processing_started',   'general', 'kit_processing_started, sample_processing_started'],
  ['kit.processing_completed', 'general', 'processing_completed, kit_processing_completed, sample_processing_completed'],
  ['results.available',        'general', 'kit_completed, results_available'],
  ['results.reviewed',         'general', 'results_reviewed'],
  ['kit.failed',               'general', 'kit_failed, sample_failed, processing_failed'],
  ['kit.cancelled',            'general', 'kit_cancelled, kit_canceled'],
]);

/** An order's `status`; the later ones are told by its kits, and too late to be news of the order. */
// prettier-ignore
export const ORDER_STATUSES = words<FactEvent | typeof NOTHING>([
  ['order.created',   'page',    'pending'],
  ['order.confirmed', 'page',    'confirmed'],
  [NOTHING,           'openapi', 'in_progress'],
  ['order.shipped',   'page',    'shipped, delivered'],
  [NOTHING,           'page',    'registered, in_lab, completed'],
  ['order.cancelled', 'page',    'cancelled'],
  ['order.cancelled', 'openapi', 'canceled'],
]);

/**
 * Why a sample gives no results. As a status each of them means that the kit has failed; in a reason beside such a status
 * they say why. Several in one text are understood (`Rejected: hemolyzed`), also with the words that connect them below.
 */
// prettier-ignore
export const FAILURE_WORDS = words<Failure>([
  // The page's HL7 example: unsuitable for analysis, exceeds stability.
  ['rejected',     'page',    'unsuitable_for_analysis, unsuitable'],
  ['rejected',     'general', 'rejected, reject, rejection, unacceptable, not_acceptable, invalid_sample, invalid_specimen'],
  ['insufficient', 'general', 'insufficient, insufficient_quantity, insufficient_volume, insufficient_sample, insufficient_specimen'],
  ['insufficient', 'general', 'insufficient_amount, quantity_not_sufficient, quantity_insufficient, volume_insufficient, not_sufficient'],
  ['insufficient', 'general', 'qns, low_volume, volume_too_low, underfilled, under_filled, not_enough, not_enough_sample, short_sample'],
  ['hemolyzed',    'general', 'hemolyzed, haemolyzed, hemolysed, haemolysed, hemolysis, haemolysis, hemolytic, haemolytic'],
  ['clotted',      'general', 'clotted, clot, clots, coagulated, clotting'],
  ['leaked',       'general', 'leaked, leaking, leakage, leak, spilled, spilt, leaked_in_transit, spilled_in_transit'],
  ['contaminated', 'general', 'contaminated, contamination'],
  ['mismatched_identifiers', 'general', 'mismatched_identifiers, mismatched_identifier, identifier_mismatch, identifiers_mismatch, id_mismatch'],
  ['mismatched_identifiers', 'general', 'mismatched, mismatch, name_mismatch, identifiers_do_not_match, mislabeled, mislabelled, incorrect_label, wrong_label'],
  ['missing_identifiers',    'general', 'missing_identifiers, missing_identifier, identifiers_missing, missing_id, missing_name, missing_label'],
  ['missing_identifiers',    'general', 'unlabeled, unlabelled, no_label, label_missing, no_identifiers, unidentified, not_labeled, not_labelled'],
  ['expired_kit',    'general', 'expired_kit, kit_expired, kit_past_expiry, kit_out_of_date, expired_collection_kit, expired_device, device_expired'],
  ['expired_sample', 'general', 'expired_sample, sample_expired, expired_specimen, specimen_expired'],
  ['too_old',        'page',    'exceeds_stability'],
  ['too_old',        'general', 'too_old, exceeded_stability, stability_exceeded, past_stability, beyond_stability, outside_stability, stability_expired'],
  ['too_old',        'general', 'received_too_late, sample_too_old, specimen_too_old, arrived_too_late'],
  ['wrong_tube',     'general', 'wrong_tube, incorrect_tube, wrong_container, incorrect_container, wrong_tube_type, wrong_collection_device'],
  ['recollect',      'general', 'recollect, recollection, recollection_requested, recollection_required, recollection_needed, re_collect'],
  ['recollect',      'general', 're_collection, recollect_requested, recollect_required, new_sample_required, new_sample_needed, resample'],
  ['redraw',         'general', 'redraw, redraw_requested, redraw_required, redraw_needed, re_draw'],
]);

/** What may stand beside the words above without changing what they say. */
export const CONNECTING: ReadonlySet<string> = new Set(
  'sample,samples,specimen,kit,by,lab,laboratory,due,to,the,a,at,was,is,and,with,for,of,because,tube,please'.split(','),
);

/**
 * How a parcel stands. `posted` names the way back by itself. Trouble ends with what the carrier says of the parcel later;
 * `returned` doesn't, because a parcel on its way to the sender moves and is delivered as well.
 */
export type Transit = 'nothing' | 'moving' | 'delivered' | 'posted' | 'trouble' | 'returned';

/** Words that speak of transit wherever they stand: as the status of a kit or of its sample, too. */
// prettier-ignore
export const TRANSIT_WORDS = words<Transit>([
  ['moving',    'general', 'in_transit, en_route, on_the_way, on_its_way, out_for_delivery, dispatched, despatched, accepted_by_carrier'],
  ['posted',    'page',    'shipped_to_lab'],
  ['posted',    'general', 'posted, posted_by_patient, posted_by_customer, sent_to_lab, mailed_to_lab, mailed_back, sent_back, shipped_back'],
  ['posted',    'general', 'on_the_way_to_lab, returning_to_lab, return_to_lab, returned_to_lab, returned_by_customer, returned_by_patient'],
  ['delivered', 'page',    'delivered'],
  ['delivered', 'general', 'delivery_complete, delivery_completed, delivery_confirmed'],
  ['trouble',   'general', 'exception, delivery_exception, shipment_exception, lost, lost_in_transit, lost_in_mail, lost_in_post, missing, stolen'],
  ['trouble',   'general', 'delivery_failed, delivery_failure, failed_delivery, failed_delivery_attempt, delivery_attempt_failed, attempted_delivery'],
  ['trouble',   'general', 'delivery_attempted, undelivered, not_delivered, could_not_be_delivered, unable_to_deliver, cannot_be_delivered'],
  ['trouble',   'general', 'held_at_customs, damaged_in_transit, destroyed'],
  ['returned',  'general', 'returned, returning, being_returned, return_to_sender, returned_to_sender, returning_to_sender, rts'],
  ['returned',  'general', 'undeliverable, undeliverable_as_addressed, not_deliverable_as_addressed, delivery_refused, refused_by_recipient, unclaimed'],
  ['returned',  'general', 'bad_address, invalid_address, incorrect_address, wrong_address, insufficient_address, address_not_found, no_such_address'],
  ['returned',  'general', 'addressee_unknown, recipient_unknown, moved_left_no_address'],
]);

/** Words that do so only where a parcel is spoken of: in `shipment_to_customer`, below `sample`, and in tracking. */
// prettier-ignore
export const PARCEL_WORDS = words<Transit>([
  ['nothing', 'general', 'label_created, label_printed, shipping_label_created, pre_transit, info_received, order_processed, created, pending, none'],
  ['nothing', 'general', 'shipment_information_received, shipment_information_sent, unknown, not_available, n/a, no_data, new, order_created'],
  ['nothing', 'general', 'not_shipped, not_posted, not_collected, awaiting_shipment, awaiting_pickup, ready_to_ship, awaiting_item, kit_created'],
  ['moving',  'general', 'shipped, sent, mailed, transit, forwarded, accepted, acceptance, picked_up, pickup, pick_up, on_vehicle_for_delivery'],
  ['moving',  'general', 'departed, departed_facility, left_facility, arrived, arriving, arrived_at_facility, at_facility, at_local_facility'],
  ['moving',  'general', 'arrived_at_hub, arrived_at_sort_facility, departed_sort_facility, processed_at_facility, processed_through_facility'],
  ['moving',  'general', 'handed_over, handed_to_carrier, tendered, origin_scan, destination_scan, arrival_scan, departure_scan, collected_by_carrier'],
  ['moving',  'general', 'available_for_pickup, ready_for_pickup, delayed, delivery_scheduled, delivery_rescheduled, rerouted, redirected, scan, scanned'],
  ['moving',  'general', 'in_transit_to_next_facility, arrived_at_carrier_facility, departed_carrier_facility, arrived_at_post_office'],
  ['moving',  'general', 'customs, in_customs, customs_cleared'],
  ['posted',  'general', 'dropped_off, drop_off'],
  ['delivered', 'general', 'signed_for, left_at_door, left_with_neighbor, left_with_neighbour, delivered_to_mailbox, delivered_to_neighbor'],
  ['delivered', 'general', 'delivered_to_neighbour, delivered_to_agent, proof_of_delivery, picked_up_by_recipient, received_by_recipient'],
  ['trouble', 'general', 'alert, damaged, failed_attempt, attempt_fail, delivery_attempt, held, on_hold, seized, misrouted, missent'],
  ['trouble', 'general', 'failure, failed, error, expired, cancelled, canceled, voided'],
  ['returned', 'general', 'return, return_initiated, refused, rejected_by_recipient, moved, no_such_number'],
]);

/** Which way a parcel goes: to the customer, or back to the lab. */
export type Leg = 'out' | 'back';

/** What names the way a parcel goes: a field, or what stands in one such as `direction`. */
// prettier-ignore
export const DIRECTIONS = words<Leg>([
  ['out',  'openapi', 'shipment_to_customer'],
  ['out',  'general', 'out, outbound, outbound_shipment, outbound_tracking, to_customer, to_patient, to_recipient, customer, forward, way_out'],
  ['back', 'general', 'back, inbound, inbound_shipment, inbound_tracking, to_lab, to_laboratory, lab, return, returns, return_shipment'],
  ['back', 'general', 'return_tracking, return_label, shipment_to_lab, shipment_to_laboratory, sample_shipment, sample_tracking, way_back'],
]);

/** What may stand before or behind a word of transit: it names the way, or nothing (`null`). */
// prettier-ignore
export const BEFORE_TRANSIT = words<Leg | null>([
  [null,   'general', 'kit, parcel, package, shipment, delivery, status, carrier, item'],
  ['out',  'general', 'outbound, outgoing, to_customer'],
  ['back', 'general', 'inbound, incoming, return, return_shipment, sample, specimen, to_lab, kit_return'],
]);
// prettier-ignore
export const BEHIND_TRANSIT = words<Leg | null>([
  [null,   'general', 'by_carrier, by_courier, status'],
  ['out',  'general', 'to_customer, to_patient, to_recipient, to_buyer'],
  ['back', 'general', 'to_lab, to_laboratory, to_the_lab, at_lab, by_patient, by_customer, from_customer, from_patient'],
]);

/** Whether results are final, or known to be on their way. */
export type Finality = 'final' | 'not_yet';

/** `status` of a set of results. */
// prettier-ignore
export const SET_STATUSES = words<Finality>([
  ['final',   'page',    'completed'],
  ['final',   'general', 'final, available, reviewed'],
  ['not_yet', 'general', 'pending, in_progress, processing, preliminary, partial'],
]);

/** `status` of a single test, in a set or in the OpenAPI's list. */
// prettier-ignore
export const TEST_STATUSES = words<Finality>([
  ['final',   'page',    'normal'],
  ['final',   'general', 'final, completed, abnormal, high, low, critical, corrected, amended'],
  ['not_yet', 'general', 'pending, in_progress, processing, preliminary, partial'],
]);

/** Tests that need nobody to look first: by the word alone, or by the word where an empty list of flags comes with it. */
// prettier-ignore
export const HARMLESS = words<'harmless' | 'if_unflagged'>([
  ['harmless',     'page',    'normal'],
  ['if_unflagged', 'general', 'final, completed'],
]);
