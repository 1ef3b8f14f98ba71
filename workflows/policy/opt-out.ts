import { audienceOf } from '../../src/domain/people.js';
import type { Story, StoryEvent } from '../core/story.js';
import { addressesOf } from './addressee.js';

/**
 * The operator's entry that the one whom a journey's emails are for wants none at all; undefined where there is none, or
 * it was taken back. It is about the person, so that no other address of theirs is a way around it.
 */
export function optOutOf(story: Story): StoryEvent | undefined {
  const entry = story.ownCommands('operator.opt_out').at(-1);
  if (entry === undefined || story.erased) return undefined;
  const isLifted = story
    .ownCommands('operator.retry')
    .some(({ seq, fact: { command } }) => seq > entry.seq && command?.lift === true);
  return isLifted ? undefined : entry;
}

/**
 * The addresses of theirs that nothing may be sent to any more, whatever kit it is about: also those that are learned
 * later. None while it isn't known who of several people is meant.
 */
export function optedOutAddresses(story: Story): string[] {
  const role = audienceOf(story.subject);
  const { known } = role === 'patient' ? story.patient : story.recipient;
  return known && optOutOf(story) !== undefined ? addressesOf(story.known.facts, role) : [];
}
