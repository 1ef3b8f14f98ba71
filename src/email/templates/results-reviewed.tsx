import type { TemplateProps } from '../mail.js';
import { Action } from '../parts/action.js';
import { Letter } from '../parts/letter.js';
import { Ask, Happened, Next, Todo } from '../parts/sections.js';

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
