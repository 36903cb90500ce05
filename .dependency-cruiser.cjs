/**
 * The architecture's arrows: what may import what. ARCHITECTURE.md draws them; this file enforces them.
 * Each room lists the rooms to its left that it may import; everything else is refused.
 */
const rooms = {
  kernel: [],
  facts: ['kernel'],
  aws: ['kernel', 'facts'],
  workload: ['kernel', 'facts'],
  plan: ['workload'],
  state: ['aws', 'workload', 'plan'],
  engines: ['aws', 'workload', 'plan', 'state'],
  observe: ['aws', 'workload', 'plan', 'state', 'engines'],
  ledger: ['aws', 'workload', 'plan', 'state', 'engines'],
  journal: ['aws', 'workload', 'plan', 'state'],
  steps: ['aws', 'workload', 'plan', 'state', 'engines', 'observe', 'ledger'],
  runner: ['aws', 'workload', 'plan', 'state', 'engines', 'steps', 'journal'],
  upkeep: ['aws', 'workload', 'plan', 'state', 'engines', 'observe', 'ledger', 'steps', 'journal'],
  functions: [
    'aws',
    'workload',
    'plan',
    'state',
    'engines',
    'observe',
    'ledger',
    'steps',
    'journal',
    'runner',
    'upkeep',
  ],
  infra: ['workload', 'plan'],
  cost: ['workload', 'plan'],
  sandbox: [],
  rehearsal: ['aws', 'workload', 'plan', 'state', 'engines', 'ledger', 'journal'],
  cli: [
    'aws',
    'workload',
    'plan',
    'state',
    'engines',
    'observe',
    'ledger',
    'steps',
    'journal',
    'runner',
    'cost',
    'rehearsal',
  ],
};

const everywhere = ['kernel', 'facts'];

module.exports = {
  forbidden: [
    ...Object.entries(rooms).map(([room, allowed]) => ({
      name: `${room}-imports-only-what-is-left-of-it`,
      severity: 'error',
      from: { path: `^src/${room}/` },
      to: {
        path: '^src/',
        pathNot: [
          ...[room, ...everywhere, ...allowed].map((name) => `^src/${name}/`),
          // What the infrastructure knows of functions: their contract, and the shape of what it asks the install function for.
          ...(['plan', 'infra', 'cost'].includes(room) ? ['^src/functions/contract[.]ts$'] : []),
          ...(room === 'infra' ? ['^src/functions/install[.]ts$'] : []),
          // The one door to the sandbox.
          ...(room === 'cli' ? ['^src/sandbox/'] : []),
        ],
      },
    })),
    {
      name: 'infra-knows-of-the-install-function-only-its-types',
      severity: 'error',
      from: { path: '^src/infra/' },
      to: { path: '^src/functions/install[.]ts$', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'the-sandbox-comes-in-through-a-dynamic-import',
      comment: 'Only a command that asks for a sandbox pays for one, and the product works without it.',
      severity: 'error',
      from: { path: '^src/cli/' },
      to: { path: '^src/sandbox/', dynamic: false, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'examples-use-the-public-index',
      severity: 'error',
      from: { path: '^examples/' },
      to: { path: '^src/', pathNot: '^src/index[.]ts$' },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: { path: '^src/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.mjs', '.js', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
    },
  },
};
