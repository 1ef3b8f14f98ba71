const { TestEnvironment } = require('jest-environment-node');

const mutant = () => process.env.__STRYKER_ACTIVE_MUTANT__;
/** The mutant that a test has noticed already. */
let noticed;

/** Once a test has noticed the mutant, the others are skipped: jest itself can't stop at a first failure here. */
module.exports = class extends TestEnvironment {
  handleTestEvent({ name, test }) {
    if (mutant() === undefined) return;
    if (name === 'test_fn_failure') noticed = mutant();
    if (name === 'test_start' && noticed === mutant()) test.mode = 'skip';
  }
};
