import common from './jest.config.mjs';

/** `npm run test:processes`: the suites that start whole processes, stop and kill them. They mostly wait. */
export default {
  ...common,
  testMatch: common.testPathIgnorePatterns.map((folder) => `${folder}**/*.test.ts`),
  testPathIgnorePatterns: [],
};
