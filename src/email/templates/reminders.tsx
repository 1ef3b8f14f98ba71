import type { TemplateProps } from '../mail.js';
import { Action, Ask, Happened, Letter, Next, Todo } from '../letter.js';

/**
 * A kit was sent and is not registered yet; its recipient may have given it to somebody else. It says nothing of where the
 * kit is: it may lie at home, or its sample at the lab.
 */
export function ReminderRegister({ mail }: TemplateProps) {
  return (
    <Letter mail={mail}>
      <Happened mail={mail}>{mail.say('reminder.register.happened')}</Happened>
      <Todo mail={mail}>{mail.say('reminder.register.todo')}</Todo>
      <Action mail={mail} href={mail.portal}>
        {mail.say('reminder.register.action')}
      </Action>
      <Next mail={mail}>{mail.say('reminder.register.next')}</Next>
      <Ask mail={mail}>{mail.say('reminder.register.ask')}</Ask>
    </Letter>
  );
}

/** A registered kit's sample has not arrived; it may well be in the post. */
export function ReminderReturn({ mail }: TemplateProps) {
  return (
    <Letter mail={mail} step="registered">
      <Happened mail={mail}>{mail.say('reminder.return.happened')}</Happened>
      <Todo mail={mail}>{mail.say('reminder.return.todo')}</Todo>
      <Action mail={mail} href={mail.portal}>
        {mail.say('reminder.return.action')}
      </Action>
      <Next mail={mail}>{mail.say('reminder.return.next')}</Next>
      <Ask mail={mail}>{mail.say('reminder.return.ask')}</Ask>
    </Letter>
  );
}
