import type {
  EmailActivities,
  LocalActivities,
  PartnerActivities,
  UpkeepActivities,
} from '../src/domain/activities.js';
import { createAlertStaff, type AlertPorts } from './alert-staff.js';
import { createAskPartner, type AskPorts } from './ask-partner.js';
import { createNotifyPatient, type NotifyPorts } from './notify-patient.js';
import { createRetain, type RetainPorts } from './retain.js';
import { createLocalActivities, type RecordPorts } from './record.js';

/** Everything that activities need, handed in by the composition. */
export interface ActivityPorts extends NotifyPorts, AlertPorts, RecordPorts, AskPorts, RetainPorts {}

/** What the workflows may ask for, by task queue. */
export const createActivities = (ports: ActivityPorts) => ({
  email: {
    notifyPatient: createNotifyPatient(ports),
    alertStaff: createAlertStaff(ports),
  } satisfies EmailActivities,
  partner: { askPartner: createAskPartner(ports) } satisfies PartnerActivities,
  upkeep: { retain: createRetain(ports) } satisfies UpkeepActivities,
  local: createLocalActivities(ports) satisfies LocalActivities,
});
export type Activities = ReturnType<typeof createActivities>;
