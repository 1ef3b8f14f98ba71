import { CancellationScope, setDefaultSignalHandler } from '@temporalio/workflow';
import { email, emailOptions } from './temporal/activities.js';

/**
 * Calls the team about signed webhooks that may be about results, can't be read and name nobody. What is to be told was
 * kept with the webhook; a signal, or a start, only says that there is something. So this journey has no memory of its
 * own, ends when the team has been told, and is started by the next.
 */
export async function staffJourney(): Promise<void> {
  let isCalled = true;
  setDefaultSignalHandler(() => {
    isCalled = true;
  });
  await CancellationScope.nonCancellable(async () => {
    while (isCalled) {
      isCalled = false;
      await email.alertStaff
        .executeWithOptions(emailOptions('staff.alert'), [null])
        // The list of webhooks and `told staff` show it all the same.
        .catch(() => undefined);
    }
  });
}
