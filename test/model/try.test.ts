import { test } from '@jest/globals';
import { explore } from './explore.js';
import { PROPERTIES } from './properties.js';
import { start, type Terms } from './protocol.js';
const none = { crashes: 0, troubles: 0, silences: 0, losses: 0, stores: 0 };
const base: Terms = { copies: 1, overtaking: false, ofResults: true, faults: none };
const f = (o: object) => ({ ...none, ...o });
const cases: Record<string, Terms> = {
  crash1t1: { ...base, faults: f({ crashes: 1, troubles: 1 }) },
  store2: { ...base, faults: f({ stores: 2 }) },
  overcrash: { ...base, overtaking: true, faults: f({ crashes: 1 }) },
  silloss: { ...base, faults: f({ silences: 1, losses: 1 }) },
};
test.each(Object.entries(cases))('%s', (name, terms) => {
  const t = Date.now();
  const r = explore(start(terms), terms, { properties: PROPERTIES });
  console.log(name, r.states, r.ends, r.endless, Date.now() - t, 'ms', r.violations.map((v) => `${v.property}: ${v.trace.join(' ')} ${JSON.stringify(v.state.notes)}`));
}, 15000);
