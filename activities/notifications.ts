import type { EmailActivities, LocalActivities } from '../src/domain/activities.js';
import { createAlertStaff, type AlertPorts } from './alert-staff.js';
import { createNotifyPatient, type NotifyPorts } from './notify-patient.js';
import { createLocalActivities, type RecordPorts } from './record.js';

/** Everything that the activities around the ledger need, handed in by the composition. */
export interface NotificationPorts extends NotifyPorts, AlertPorts, RecordPorts {}

/** The activities of the queues `email` and `journeys`. */
export function createNotificationActivities(ports: NotificationPorts) {
  return {
    email: {
      notifyPatient: createNotifyPatient(ports),
      alertStaff: createAlertStaff(ports),
    } satisfies EmailActivities,
    local: createLocalActivities(ports) satisfies LocalActivities,
  };
}
