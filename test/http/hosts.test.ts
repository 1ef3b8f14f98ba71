import { describe, expect, test } from '@jest/globals';
import { hostRule } from '../../src/http/hosts.js';

describe('what listens on loopback', () => {
  const isForUs = hostRule('127.0.0.1', ['https://notify.example', null]);

  test.each([
    'localhost',
    'localhost:3001',
    'LOCALHOST:9',
    'localhost.:3001',
    'app.localhost',
    '127.0.0.1:9464',
    '127.1.2.3',
    '[::1]:3001',
    'notify.example',
    'notify.example:443',
    undefined,
  ])('answers to the host %s', (host) => {
    expect(isForUs({ headers: { host } })).toBe(true);
  });

  test.each([
    'evil.example',
    'evil.example:3001',
    'localhost.evil.example',
    'evillocalhost',
    'localhost@evil.example',
    'evil.example#localhost',
    'evil.example@localhost',
    '127.0.0.1.evil.example',
    '10.0.0.1',
    '192.168.1.7:1080',
    '0.0.0.0',
    '[::]',
    '169.254.169.254',
    'xnotify.example',
    'notify.example.evil.example',
    '',
    ' ',
    'a b',
    '/',
    'localhost/x',
  ])('does not answer to the host %j', (host) => {
    expect(isForUs({ headers: { host } })).toBe(false);
  });

  test.each([
    ['localhost:3001', 'http://localhost:3001'],
    ['localhost', 'http://localhost'],
    ['localhost:80', 'http://localhost'],
    ['127.0.0.1:3001', 'http://127.0.0.1:3001'],
    ['[::1]:3001', 'http://[::1]:3001'],
    ['notify.example', 'https://notify.example'],
    ['notify.example:8443', 'https://notify.example:8443'],
    // A proxy in front of us that writes its own Host.
    ['127.0.0.1:3001', 'https://notify.example'],
    ['localhost:3001', undefined],
  ])('under %s answers a page of %s', (host, origin) => {
    expect(isForUs({ headers: { host, origin } })).toBe(true);
  });

  test.each([
    ['localhost:3001', 'http://localhost:3000'],
    ['localhost:3001', 'http://localhost'],
    ['localhost', 'http://localhost:3001'],
    ['localhost:3001', 'http://127.0.0.1:3001'],
    ['127.0.0.1:3001', 'http://localhost:3001'],
    ['localhost:3001', 'http://app.localhost:3001'],
    ['localhost:3001', 'https://localhost:3001'],
    ['localhost:3001', 'null'],
    ['localhost:3001', ''],
    ['localhost:3001', 'https://evil.example'],
    ['localhost:3001', 'http://localhost.evil.example'],
    ['localhost:3001', 'file://'],
    ['localhost:3001', 'data:text/html,x'],
    ['notify.example', 'http://notify.example:3001'],
    ['evil.example:3001', 'http://evil.example:3001'],
    [undefined, 'http://localhost:3001'],
    [undefined, 'null'],
  ])('under %s refuses a page of %j', (host, origin) => {
    expect(isForUs({ headers: { host, origin } })).toBe(false);
  });

  const host = 'localhost:1080';
  const opened = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
  test.each([
    { host, origin: 'http://localhost:1080', 'sec-fetch-site': 'same-origin' },
    { host, 'sec-fetch-site': 'same-origin' },
    { host, 'sec-fetch-site': 'none', ...opened },
    { host, 'sec-fetch-site': 'cross-site', ...opened },
  ])('answers what a browser tells of its own pages and of links that are followed: %j', (headers) => {
    expect(isForUs({ headers })).toBe(true);
  });

  test.each([
    { host, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' },
    { host, 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' },
    { host, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' },
  ])('refuses what a browser tells of pages from elsewhere: %j', (headers) => {
    expect(isForUs({ headers })).toBe(false);
  });

  test('refuses a form that a page from elsewhere sends', () => {
    expect(isForUs({ method: 'POST', headers: { host, 'sec-fetch-site': 'cross-site', ...opened } })).toBe(false);
  });

  test.each(['localhost', '::1', '[::1]', '127.0.0.2'])('is what listens on %s, too', (listensOn) => {
    expect(hostRule(listensOn)({ headers: { host: 'evil.example' } })).toBe(false);
    expect(hostRule(listensOn)({ headers: { host: 'localhost:1' } })).toBe(true);
  });
});

describe.each(['0.0.0.0', '::', '10.0.0.7', 'herald.internal'])('what listens on %s', (listensOn) => {
  const isForUs = hostRule(listensOn);

  test.each([
    { host: 'any.example' },
    { host: 'any.example', origin: 'https://any.example' },
    { host: 'worker:3001', origin: 'http://worker:3001' },
    {},
  ])('is reached by any name: %j', (headers) => {
    expect(isForUs({ headers })).toBe(true);
  });

  test.each([
    { host: 'worker:3001', origin: 'https://evil.example' },
    { host: 'worker:3001', origin: 'http://worker:3000' },
    { host: 'localhost:3001', origin: 'http://localhost:3000' },
    { host: 'worker:3001', origin: 'null' },
    { host: 'localhost:3001', 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' },
  ])('refuses pages from elsewhere all the same: %j', (headers) => {
    expect(isForUs({ headers })).toBe(false);
  });
});
