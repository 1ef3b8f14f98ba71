import type { TemplateProps } from '../mail.js';
import { Action, Ask, Happened, Letter, Next, Todo } from '../letter.js';

/** The first word of results: one text, whichever kind goes and whatever the results say. */
export function ResultsAvailable({ mail }: TemplateProps) {
  return (
    <Letter mail={mail} step="ready">
      <Happened mail={mail}>{mail.say('results.available.happened')}</Happened>
      <Happened mail={mail}>{mail.say('results.available.private')}</Happened>
      <Todo mail={mail}>{mail.say('results.available.todo')}</Todo>
      <Action mail={mail} href={mail.portal}>
        {mail.say('results.available.action')}
      </Action>
      <Next mail={mail}>{mail.say('results.available.next')}</Next>
      <Ask mail={mail}>{mail.say('results.available.ask')}</Ask>
    </Letter>
  );
}

/** The second word: a doctor has looked at results that were told before. */
export function ResultsReviewed({ mail }: TemplateProps) {
  return (
    <Letter mail={mail} step="ready">
      <Happened mail={mail}>{mail.say('results.reviewed.happened')}</Happened>
      <Todo mail={mail}>{mail.say('results.reviewed.todo')}</Todo>
      <Action mail={mail} href={mail.portal}>
        {mail.say('results.reviewed.action')}
      </Action>
      <Next mail={mail}>{mail.say('results.reviewed.next')}</Next>
      <Ask mail={mail}>{mail.say('results.reviewed.ask')}</Ask>
    </Letter>
  );
}

/** Results that were told before have been replaced. */
export function ResultsUpdated({ mail }: TemplateProps) {
  return (
    <Letter mail={mail} step="ready">
      <Happened mail={mail}>{mail.say('results.updated.happened')}</Happened>
      <Todo mail={mail}>{mail.say('results.updated.todo')}</Todo>
      <Action mail={mail} href={mail.portal}>
        {mail.say('results.updated.action')}
      </Action>
      <Next mail={mail}>{mail.say('results.updated.next')}</Next>
      <Ask mail={mail}>{mail.say('results.updated.ask')}</Ask>
    </Letter>
  );
}
