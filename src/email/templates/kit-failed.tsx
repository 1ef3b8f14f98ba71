import type { TemplateProps } from '../mail.js';
import { Action } from '../parts/action.js';
import { Letter } from '../parts/letter.js';
import { Ask, Happened, Next, Todo } from '../parts/sections.js';

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
