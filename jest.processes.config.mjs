import common from './jest.config.mjs';

/** `npm run test:processes`: the suites that `npm test` leaves out. */
export default {
  ...common,
  testMatch: common.testPathIgnorePatterns.map((folder) => `${folder}**/*.test.ts`),
  testPathIgnorePatterns: [],
};
