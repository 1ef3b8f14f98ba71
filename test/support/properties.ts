import fc from 'fast-check';

/**
 * fast-check, which tries the same cases in each run, so that a red build is due to what was changed. `PROPERTY_SEED=N`
 * tries others: `npm run test:properties` takes a seed by chance.
 */
const { PROPERTY_SEED } = process.env;
if (fc.readConfigureGlobal().seed === undefined) {
  fc.configureGlobal({
    ...fc.readConfigureGlobal(),
    seed: PROPERTY_SEED === undefined ? 20_261_128 : Number(PROPERTY_SEED),
  });
}

export default fc;
