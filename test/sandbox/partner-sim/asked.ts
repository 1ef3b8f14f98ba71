import { afterEach } from '@jest/globals';
import { createPartnerSim, type PartnerSim, type PartnerSimOptions } from '../../../src/sandbox/partner-sim/sim.js';

let sim: PartnerSim | null = null;
afterEach(async () => {
  await sim?.close();
  sim = null;
});

/** A stand-in for one test, and how to ask it; it is closed after the test. */
export async function start(options: PartnerSimOptions = {}) {
  const started = await createPartnerSim(options);
  sim = started;
  const ask = async (path: string, init: { key?: string | null; method?: string; body?: object } = {}) => {
    const key = init.key === undefined ? started.apiKey : init.key;
    const response = await fetch(`${started.url}${path}`, {
      method: init.method ?? 'GET',
      headers: {
        ...(key === null ? {} : { authorization: `Api-Key ${key}` }),
        ...(init.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(init.body === undefined ? {} : { body: JSON.stringify(init.body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text === '' ? null : (JSON.parse(text) as unknown),
    };
  };
  return { sim: started, ask };
}
