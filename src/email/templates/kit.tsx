import type { TemplateProps } from '../mail.js';
import { Action, Ask, Happened, Letter, Next, Todo } from '../letter.js';

/** The first email to the patient, and the early warning: if it bounces, results would too. */
export function KitRegistered({ mail }: TemplateProps) {
  return (
    <Letter mail={mail} step="registered">
      <Happened mail={mail}>{mail.say('kit.registered.happened')}</Happened>
      <Todo mail={mail}>{mail.say('kit.registered.todo')}</Todo>
      <Action mail={mail} href={mail.portal}>
        {mail.say('kit.registered.action')}
      </Action>
      <Next mail={mail}>{mail.say('kit.registered.next')}</Next>
      <Ask mail={mail}>{mail.say('kit.registered.ask')}</Ask>
    </Letter>
  );
}

/** The sample is at the lab. */
export function KitReceivedLab({ mail }: TemplateProps) {
  return (
    <Letter mail={mail} step="at_lab">
      <Happened mail={mail}>{mail.say('kit.received_lab.happened')}</Happened>
      <Todo mail={mail}>{mail.say('kit.received_lab.todo')}</Todo>
      <Next mail={mail}>{mail.say('kit.received_lab.next')}</Next>
      <Action mail={mail} href={mail.portal}>
        {mail.say('kit.received_lab.action')}
      </Action>
    </Letter>
  );
}

/** The lab has begun. */
export function KitProcessingStarted({ mail }: TemplateProps) {
  return (
    <Letter mail={mail} step="in_work">
      <Happened mail={mail}>{mail.say('kit.processing_started.happened')}</Happened>
      <Todo mail={mail}>{mail.say('kit.processing_started.todo')}</Todo>
      <Next mail={mail}>{mail.say('kit.processing_started.next')}</Next>
      <Action mail={mail} href={mail.portal}>
        {mail.say('kit.processing_started.action')}
      </Action>
    </Letter>
  );
}

/** The lab takes longer than planned. */
export function NoticeDelay({ mail }: TemplateProps) {
  return (
    <Letter mail={mail}>
      <Happened mail={mail}>{mail.say('notice.delay.happened')}</Happened>
      <Todo mail={mail}>{mail.say('notice.delay.todo')}</Todo>
      <Next mail={mail}>{mail.say('notice.delay.next')}</Next>
      <Action mail={mail} href={mail.portal}>
        {mail.say('notice.delay.action')}
      </Action>
    </Letter>
  );
}

/** The lab could not get results: sad news, and no news about anybody's health. */
export function KitFailed({ mail }: TemplateProps) {
  return (
    <Letter mail={mail}>
      <Happened mail={mail}>{mail.say('kit.failed.happened')}</Happened>
      <Todo mail={mail}>{mail.say('kit.failed.todo')}</Todo>
      <Action mail={mail} href={mail.portal}>
        {mail.say('kit.failed.action')}
      </Action>
      <Next mail={mail}>{mail.say('kit.failed.next')}</Next>
      <Ask mail={mail}>{mail.say('kit.failed.ask')}</Ask>
    </Letter>
  );
}

/** A registered kit was cancelled, perhaps with its sample in the post. */
export function KitCancelled({ mail }: TemplateProps) {
  return (
    <Letter mail={mail}>
      <Happened mail={mail}>{mail.say('kit.cancelled.happened')}</Happened>
      <Todo mail={mail}>{mail.say('kit.cancelled.todo')}</Todo>
      <Next mail={mail}>{mail.say('kit.cancelled.next')}</Next>
      <Action mail={mail} href={mail.portal}>
        {mail.say('kit.cancelled.action')}
      </Action>
      <Ask mail={mail}>{mail.say('kit.cancelled.ask')}</Ask>
    </Letter>
  );
}
