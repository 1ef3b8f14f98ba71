/**
 * Who may import whom: docs/architecture.md, "Rooms". A room that is not named in its row is out of reach.
 * `src/cli` is the composition and may import everything; nothing may import it.
 */
const ROOMS = {
  'src/terms': [],
  'src/contract': ['src/terms'],
  'src/config': ['src/terms'],
  'src/sealing': ['src/terms', 'src/config', 'src/database'],
  'src/database': ['src/config', 'src/host'],
  'src/ledger': ['src/terms', 'src/database', 'src/sealing'],
  'src/inbox': ['src/terms', 'src/contract', 'src/sealing', 'src/database', 'src/ledger', 'src/temporal'],
  'src/receiver': ['src/terms', 'src/contract', 'src/inbox', 'src/ledger', 'src/email', 'src/config'],
  'src/email': ['src/terms'],
  'src/partner': ['src/terms'],
  'src/partner-sim': [],
  'src/temporal': ['src/terms', 'src/config', 'workflows'],
  'src/admin': ['src/terms', 'src/ledger', 'src/inbox', 'src/config'],
  'src/embedded': ['src/config', 'src/host'],
  'src/host': ['src/config'],
  workflows: ['src/terms'],
  activities: ['src/terms', 'src/config', 'src/inbox', 'src/ledger', 'src/email', 'src/partner'],
};

const anchored = (room) => (room === 'src/config' ? '^src/config(\\.ts$|/)' : `^${room}/`);

module.exports = {
  forbidden: [
    ...Object.entries(ROOMS).map(([room, allowed]) => ({
      name: `${room.replace('/', '-')}-imports-only-its-neighbours`,
      severity: 'error',
      from: { path: anchored(room) },
      to: {
        path: '^(src|workflows|activities|bench|test)/',
        pathNot: [anchored(room), ...allowed.map(anchored)],
      },
    })),
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'workflows-are-deterministic',
      severity: 'error',
      comment: 'No Node, no zod, no client: Temporal replays this code.',
      from: { path: '^(workflows|src/terms)/' },
      to: { dependencyTypes: ['core', 'npm', 'npm-dev'], pathNot: 'node_modules/@temporalio/(workflow|common)' },
    },
    {
      name: 'nothing-of-the-tests-in-the-product',
      severity: 'error',
      from: { path: '^(src|workflows|activities)/' },
      to: { path: '^test/' },
    },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
