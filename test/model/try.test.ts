import { test } from '@jest/globals';
import { explore } from './explore.js';
import { PROPERTIES } from './properties.js';
import { start, type Terms } from './protocol.js';
const none = { crashes: 0, troubles: 0, silences: 0, losses: 0, stores: 0 };
const base: Terms = { copies: 1, overtaking: false, ofResults: true, faults: none };
const cases: Record<string, Terms> = {
  plain: base, dup: { ...base, copies: 2 },
  crash1: { ...base, faults: { ...none, crashes: 1 } },
  crash1t1: { ...base, faults: { ...none, crashes: 1, troubles: 1 } },
  store1: { ...base, faults: { ...none, stores: 1 } },
};
test.each(Object.entries(cases))('%s', (name, terms) => {
  const t = Date.now();
  const r = explore(start(terms), terms, { properties: PROPERTIES });
  console.log(name, r.states, r.ends, r.endless, Date.now() - t, 'ms', r.violations.map((v) => `${v.property}: ${v.trace.join(' ')} ${JSON.stringify(v.state.notes)}`));
}, 15000);
