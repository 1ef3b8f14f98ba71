/**
 * Who may import whom: docs/architecture.md, "Rooms". A room that is not named in its row is out of reach.
 * `src/process` is the composition: it may import everything but `cli` and `sandbox`, which start it.
 */
const EVERYTHING = ['src', 'workflows', 'activities'];
const ROOMS = {
  'src/domain': [],
  'src/config': ['src/domain'],
  'src/c4hxp': ['src/domain'],
  // What every HTTP server of ours does with strangers; knows no room.
  'src/http': ['src/config'],
  'src/sealing': ['src/domain', 'src/config'],
  'src/database': ['src/config'],
  'src/ledger': ['src/domain', 'src/database', 'src/sealing'],
  'src/inbox': ['src/domain', 'src/sealing', 'src/database', 'src/ledger'],
  'src/privacy': ['src/domain', 'src/database', 'src/sealing', 'src/ledger', 'src/inbox', 'src/email'],
  'src/evidence': ['src/domain', 'src/database', 'src/sealing', 'src/ledger'],
  'src/relay': ['src/domain', 'src/database', 'src/ledger', 'src/temporal'],
  'src/email': ['src/domain'],
  'src/receiver': ['src/domain', 'src/inbox', 'src/ledger', 'src/email', 'src/config', 'src/http'],
  'src/temporal': ['src/domain', 'src/config'],
  'src/access': ['src/domain', 'src/config', 'src/database', 'src/sealing', 'src/http'],
  'src/admin': [
    'src/domain',
    'src/ledger',
    'src/inbox',
    'src/privacy',
    'src/evidence',
    'src/config',
    'src/http',
    'src/access',
  ],
  'src/desk': [
    'src/domain',
    'src/ledger',
    'src/inbox',
    'src/privacy',
    'src/config',
    'src/http',
    'src/access',
    'src/admin',
    'src/email',
  ],
  'src/host': ['src/config'],
  'src/embedded': ['src/config', 'src/host', 'src/http'],
  workflows: ['src/domain'],
  activities: ['src/domain', 'src/config', 'src/inbox', 'src/ledger', 'src/privacy', 'src/email'],
  // Written from the partner's documentation, and apart from our own client and readers.
  'src/sandbox/partner-sim': ['src/domain'],
  'src/process': EVERYTHING,
  'src/sandbox': EVERYTHING,
  'src/cli': EVERYTHING,
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
    {
      name: 'nothing-imports-the-commands',
      severity: 'error',
      from: { pathNot: '^(src/cli|test)/' },
      to: { path: '^src/cli/' },
    },
    {
      name: 'only-commands-and-sandbox-start-a-process',
      severity: 'error',
      from: { pathNot: '^(src/(process|cli|sandbox)|test)/' },
      to: { path: '^src/process/' },
    },
    {
      name: 'nothing-in-production-imports-the-sandbox',
      severity: 'error',
      from: { pathNot: '^(src/(cli|sandbox)|test|bench|tools)/' },
      to: { path: '^src/sandbox/' },
    },
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'workflows-are-deterministic',
      severity: 'error',
      comment: 'No Node, no zod, no client: Temporal replays this code.',
      from: { path: '^(workflows|src/domain)/' },
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
