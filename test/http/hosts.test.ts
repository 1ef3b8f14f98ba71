import { describe, expect, test } from '@jest/globals';
import { hostRule } from '../../src/http/hosts.js';

describe('what listens on loopback', () => {
  const rule = hostRule('127.0.0.1', ['https://notify.example', null]);

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
    expect(rule({ host })).toBe(true);
  });

  test.each([
    'evil.example',
    'evil.example:3001',
    'localhost.evil.example',
    'evillocalhost',
    'localhost@evil.example',
    '127.0.0.1.evil.example',
    '10.0.0.1',
    '0.0.0.0',
    '[::]',
    '169.254.169.254',
    'xnotify.example',
    'notify.example.evil.example',
    '',
    ' ',
    'a b',
    '/',
  ])('does not answer to the host %j', (host) => {
    expect(rule({ host })).toBe(false);
  });

  test.each(['http://localhost:3001', 'http://127.0.0.1:1', 'https://notify.example', undefined])(
    'answers to the origin %s',
    (origin) => {
      expect(rule({ host: 'localhost', origin })).toBe(true);
    },
  );

  test.each(['null', '', 'https://evil.example', 'http://localhost.evil.example', 'file://', 'data:text/html,x'])(
    'does not answer to the origin %j',
    (origin) => {
      expect(rule({ host: 'localhost', origin })).toBe(false);
    },
  );

  test.each(['localhost', '::1', '[::1]', '127.0.0.2'])('is what listens on %s, too', (listensOn) => {
    expect(hostRule(listensOn)({ host: 'evil.example' })).toBe(false);
    expect(hostRule(listensOn)({ host: 'localhost:1' })).toBe(true);
  });
});

test.each(['0.0.0.0', '::', '10.0.0.7', 'herald.internal'])(
  'what listens on %s is reached by any name',
  (listensOn) => {
    expect(hostRule(listensOn)({ host: 'any.example', origin: 'https://any.example' })).toBe(true);
  },
);
