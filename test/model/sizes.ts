import type { Bug, Doubt, Faults, Terms } from './state.js';
import type { PROPERTIES } from './properties.js';

const terms = (faults: Partial<Faults>, more: Partial<Omit<Terms, 'faults'>> = {}): Terms => ({
  copies: 1,
  overtaking: false,
  ofResults: true,
  ...more,
  faults: { crashes: 0, troubles: 0, silences: 0, losses: 0, stores: 0, ...faults },
});

/** What is explored whole, named as docs/send-once.md names it. Two processes each time. */
export const SIZES: Readonly<Record<string, Terms>> = {
  'a duplicate webhook and a crash': terms({ crashes: 1 }, { copies: 2 }),
  'two crashes': terms({ crashes: 2 }),
  'a crash and a trouble of the mail server': terms({ crashes: 1, troubles: 1 }),
  'a crash and a trouble, not of results': terms({ crashes: 1, troubles: 1 }, { ofResults: false }),
  'two troubles of the mail server': terms({ troubles: 2 }),
  'an attempt lost sight of and a trouble': terms({ losses: 1, troubles: 1 }),
  'a process silent for a while': terms({ silences: 1 }),
  'overtaken, with a crash': terms({ crashes: 1 }, { overtaking: true }),
  'overtaken, with an attempt lost sight of': terms({ losses: 1 }, { overtaking: true }),
  'Temporal’s store lost twice': terms({ stores: 2 }),
  'overtaken, with Temporal’s store lost': terms({ stores: 1 }, { overtaking: true }),
};

/** Too many states for each run of the tests: `MODEL=long npm test -- test/model`. */
export const LONG_SIZES: Readonly<Record<string, Terms>> = {
  'two crashes and a trouble': terms({ crashes: 2, troubles: 1 }),
  'a crash and two troubles': terms({ crashes: 1, troubles: 2 }),
  'a duplicate webhook and two crashes': terms({ crashes: 2 }, { copies: 2 }),
  'a process silent for a while and a trouble': terms({ silences: 1, troubles: 1 }),
  'a process silent for a while and an attempt lost sight of': terms({ silences: 1, losses: 1 }),
  'overtaken, with a crash and a trouble': terms({ crashes: 1, troubles: 1 }, { overtaking: true }),
  'Temporal’s store lost and a crash': terms({ stores: 1, crashes: 1 }),
};

/** One fault, and where it must have struck for a second copy to come: the window, and nothing else. */
export const ONE_FAULT: Readonly<Record<string, { readonly in: Terms; readonly window: readonly Doubt[] }>> = {
  'one crash': {
    in: terms({ crashes: 1 }),
    window: ['crash after the server took it', 'crash before the answer was written'],
  },
  'one trouble of the mail server': { in: terms({ troubles: 1 }), window: ['reply lost'] },
  'one process silent for a while': { in: terms({ silences: 1 }), window: ['answer not written', 'silence'] },
  'one attempt lost sight of': { in: terms({ losses: 1 }), window: [] },
  'one loss of Temporal’s store': { in: terms({ stores: 1 }), window: [] },
};

interface Caught {
  readonly in: Terms;
  readonly by: keyof typeof PROPERTIES;
}

/** Where each bug is let loose, and the property that catches it. */
export const CATCHES: Readonly<Record<Bug, Caught>> = {
  'acknowledged before the commit': { in: terms({ crashes: 1 }), by: 'nothing acknowledged is lost' },
  'the same webhook is kept twice': { in: terms({}, { copies: 2 }), by: 'one notification for one webhook' },
  'marked as relayed before the signal': { in: terms({ crashes: 1 }), by: 'nothing acknowledged is lost' },
  'subjects that are just being signalled are not woken': {
    in: terms({ stores: 1 }),
    by: 'nothing acknowledged is lost',
  },
  'a wake takes back a later one': { in: terms({ stores: 2 }), by: 'nothing acknowledged is lost' },
  'no deduplication in the workflow': { in: terms({ crashes: 1 }), by: 'one notification for one webhook' },
  'claim without a condition': {
    in: terms({ crashes: 1 }),
    by: 'a second copy only where an attempt ended in the window',
  },
  'takeover while the owner lives': {
    in: terms({ losses: 1 }),
    by: 'a second copy only where an attempt ended in the window',
  },
  'hand-over begins without asking whose the row is': { in: terms({ silences: 1 }), by: 'a second copy is marked' },
  'no mark that the hand-over begins': { in: terms({ crashes: 1 }), by: 'a second copy is marked' },
  'a claim freed by a crash leaves no note': { in: terms({ crashes: 1 }), by: 'a second copy is marked' },
  'settled before the hand-over': { in: terms({ crashes: 1 }), by: 'sent means that it came' },
  'settles whatever attempt holds the row': {
    in: terms({ silences: 1, troubles: 1 }),
    by: 'not sent, or failed, means that nothing came',
  },
  'no answer is put off like a refusal': { in: terms({ troubles: 1 }), by: 'a second copy is marked' },
  'a refusal speaks for the earlier attempts too': {
    in: terms({ crashes: 1, troubles: 1 }),
    by: 'not sent, or failed, means that nothing came',
  },
  'what is overtaken was not sent, whatever happened': {
    in: terms({ crashes: 1 }, { overtaking: true }),
    by: 'not sent, or failed, means that nothing came',
  },
  'what was given up has failed, whatever happened': {
    in: terms({ crashes: 1 }),
    by: 'not sent, or failed, means that nothing came',
  },
  'a dead send is not settled': { in: terms({ crashes: 1 }), by: 'nothing acknowledged is lost' },
};
