import { ApplicationFailure, CancelledFailure, CompleteAsyncError } from '@temporalio/activity';
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';

const CODE = /^[a-z][a-z0-9_]{0,39}$/;
/** What a message may say beside its code, because operators see it on a pending activity: a code, or until when. */
const NOTED = /^[a-z][a-z0-9_]{0,39}: (?:[a-z][a-z0-9_]{0,39}|until \d{4}-\d\d-\d\dT[\d:.]+Z)$/;

/** The part of the SDK's activity context that is looked at. */
interface ActivityContext {
  readonly info: { readonly activityType: string };
  readonly cancellationSignal: AbortSignal;
}

/**
 * What went wrong in an activity crosses to Temporal as a code and nothing else: an SMTP reply quotes the address, and
 * a database's error quotes the row. What it was in full is told to `report`, on this side.
 */
export function createPrivateFailures(
  report: (activity: string, error: unknown) => void,
): (context: ActivityContext) => { inbound: ActivityInboundCallsInterceptor } {
  return ({ info, cancellationSignal }) => ({
    inbound: {
      async execute(input, next) {
        try {
          return await next(input);
        } catch (error) {
          if (cancellationSignal.aborted && isCancellation(error)) throw error;
          if (error instanceof CompleteAsyncError) throw error;
          if (!(error instanceof ApplicationFailure)) report(info.activityType, error);
          throw asCode(error);
        }
      },
    },
  });
}

function asCode(error: unknown): ApplicationFailure {
  const failure = error instanceof ApplicationFailure ? error : null;
  const delay: unknown = failure?.nextRetryDelay;
  const code = failure?.type && CODE.test(failure.type) ? failure.type : 'internal';
  const bare = ApplicationFailure.create({
    type: code,
    message: failure !== null && NOTED.test(failure.message) ? failure.message : code,
    nonRetryable: failure?.nonRetryable ?? false,
    ...(typeof delay === 'number' || typeof delay === 'string' ? { nextRetryDelay: delay } : {}),
    ...(failure?.category ? { category: failure.category } : {}),
  });
  // A stack begins with the message, and its frames say nothing that the code does not.
  bare.stack = code;
  return bare;
}

/** An activity that passes its AbortSignal on hears of its cancellation as an AbortError. */
function isCancellation(error: unknown): boolean {
  return error instanceof CancelledFailure || (error instanceof Error && error.name === 'AbortError');
}
