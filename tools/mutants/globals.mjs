// What the core's tests take from jest, as Mocha has it: Stryker can change code within a running Mocha, not within jest.
import { bind } from 'jest-each';
import mocha from 'mocha';

export { expect } from 'expect';

const each = (declare) => Object.assign(declare, { each: bind(declare, false) });

export const describe = each((name, body) => mocha.describe(name, body));
// Mocha would take a test's parameters for its callback.
export const test = each((name, body) => mocha.it(name, () => body()));
export const beforeEach = (body) => {
  mocha.beforeEach(() => body());
};
