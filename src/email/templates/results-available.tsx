import type { TemplateProps } from '../mail.js';
import { Action } from '../parts/action.js';
import { Letter } from '../parts/letter.js';
import { Ask, Happened, Next, Todo } from '../parts/sections.js';

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
