import { attempt } from './attempt.js';
import { befall } from './faults.js';
import { journey } from './journey.js';
import { receive, relay } from './relaying.js';
import type { May, State, Step, Terms } from './state.js';

/** All that may happen next, whoever moves. */
export function steps(state: State, terms: Terms): Step[] {
  const found: Step[] = [];
  const may: May = (name, next) => {
    found.push({ name, next });
  };
  receive(state, terms, may);
  relay(state, terms, may);
  journey(state, terms, may);
  for (const at of state.attempts.keys()) attempt(state, at, terms, may);
  befall(state, may);
  return found;
}
