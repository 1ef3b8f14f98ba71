import { describe, expect, test } from '@jest/globals';
import { childEnvironment } from '../../src/host/processes.js';

describe('the environment of a program of somebody else’s', () => {
  const env = {
    PATH: '/bin',
    HOME: '/root',
    LC_ALL: 'C',
    XDG_CACHE_HOME: '/c',
    https_proxy: 'http://proxy',
    SSL_CERT_FILE: '/ca.pem',
    PIP_INDEX_URL: 'https://index',
    ADMIN_TOKEN: 'secret',
    ENCRYPTION_KEYS: 'secret',
    DATABASE_URL: 'secret',
    NODE_OPTIONS: '--require=x',
    TEMPORAL_API_KEY: 'secret',
    AWS_SECRET_ACCESS_KEY: 'secret',
  };

  test('holds where things are and how to reach the world, and none of our secrets', () => {
    expect(Object.keys(childEnvironment(env))).toEqual([
      'PATH',
      'HOME',
      'LC_ALL',
      'XDG_CACHE_HOME',
      'https_proxy',
      'SSL_CERT_FILE',
    ]);
    expect(Object.keys(childEnvironment(env, /^PIP_/))).toContain('PIP_INDEX_URL');
  });
});
