/** What keeps state and secrets: tables, parameters, state machines, keys, secrets. */

import type { Charge, Pricers } from '../charge.ts';
import { isOn, listOf, rate, recordOf, textOf } from '../charge.ts';
import type { Resource } from '../template.ts';

export const statePricers: Pricers = {
  'AWS::DynamoDB::Table': ({ properties }, { names, control, usage, mode }) => {
    const ours = properties.TableName === names.table;
    const reads = ours ? control.reads : usage.tableReads * mode.share;
    const writes = ours ? control.writes : usage.tableWrites * mode.share;
    if (!ours && properties.BillingMode !== 'PAY_PER_REQUEST') {
      return [
        {
          component: 'state',
          what: 'provisioned capacity',
          rates: rate('dynamodb.provisioned'),
          quantity: 1,
          unit: 'tables',
        },
      ];
    }
    return tableCharges(properties, { reads, writes, gb: ours ? stateGb : usage.tableGb });
  },
  'AWS::DynamoDB::GlobalTable': ({ properties }, { names, control, usage, mode }) => {
    const ours = properties.TableName === names.table;
    const replicas = listOf(properties.Replicas).map(recordOf);
    const reads = ours ? control.reads : usage.tableReads * mode.share;
    const writes = ours ? control.writes : usage.tableWrites * mode.share;
    return replicas.flatMap((replica, index) => {
      const region = textOf(replica.Region);
      const each = tableCharges(replica, {
        reads: index === 0 ? reads : 0,
        writes,
        gb: ours ? stateGb : usage.tableGb,
      });
      return each.map((charge) => ({
        ...charge,
        ...(region === undefined ? {} : { region }),
        ...(ours ? ({ column: 'standby' } as const) : {}),
      }));
    });
  },
  'AWS::SSM::Parameter': ({ properties }) =>
    properties.Tier === 'Advanced'
      ? [{ component: 'state', what: 'advanced parameter', rates: rate('ssm.advanced'), quantity: 1, unit: 'months' }]
      : [],
  'AWS::StepFunctions::StateMachine': (machine, { names, mode, usage }) => {
    if (machine.properties.StateMachineType === 'EXPRESS') {
      return [
        {
          component: 'state',
          what: 'express executions',
          rates: rate('states.express'),
          quantity: 1,
          unit: 'machines',
        },
      ];
    }
    const name = machine.properties.StateMachineName;
    const plan = name === names.failoverMachine ? 'failover' : name === names.failbackMachine ? 'failback' : undefined;
    const runs = plan === undefined ? usage.machineRuns * mode.share : (mode.runs?.[plan] ?? 0);
    const each = statesOf(machine) + (plan === undefined ? 0 : usage.runPolls);
    return [
      {
        component: 'state',
        what: `transitions of ${textOf(name) ?? 'a state machine'}`,
        rates: rate('states.transitions-1k'),
        quantity: (runs * each) / 1000,
        unit: 'thousand',
      },
    ];
  },
  'AWS::KMS::Key': (_, { usage, mode }) =>
    keyCharges(usage.kmsRequests * mode.share + usage.kmsRequestsStandby * (1 - mode.share)),
  'AWS::KMS::ReplicaKey': (_, { usage, mode }) =>
    keyCharges(usage.kmsRequests * mode.share + usage.kmsRequestsStandby * (1 - mode.share)),
  'AWS::SecretsManager::Secret': ({ properties }, { usage, mode }) => [
    { component: 'keys and secrets', what: 'secret', rates: rate('secrets.secret'), quantity: 1, unit: 'months' },
    {
      component: 'keys and secrets',
      what: 'reads of a secret',
      rates: rate('secrets.requests-10k'),
      quantity: (usage.secretRequests * mode.share) / 10_000,
      unit: 'ten thousand',
    },
    ...listOf(properties.ReplicaRegions).map((replica): Charge => {
      const region = textOf(recordOf(replica).Region);
      return {
        component: 'keys and secrets',
        what: 'copy of a secret',
        rates: rate('secrets.secret'),
        quantity: 1,
        unit: 'months',
        column: 'standby',
        ...(region === undefined ? {} : { region }),
      };
    }),
  ],
};

/** A few items of some KB: what runs and looks leave. */
const stateGb = 0.001;

/** The states of a definition, those inside branches and iterators too: each is one transition when it is passed. */
function statesOf({ properties }: Resource): number {
  const text = textOf(properties.DefinitionString);
  let definition: unknown = properties.Definition;
  try {
    if (text !== undefined) definition = JSON.parse(text);
  } catch {
    // A definition that only deployment completes can't be counted.
    return 0;
  }
  return countStates(definition);
}

function countStates(machine: unknown): number {
  return Object.values(recordOf(recordOf(machine).States)).reduce<number>((sum, state) => {
    const { Branches, Iterator, ItemProcessor } = recordOf(state);
    const inner = [...listOf(Branches), Iterator, ItemProcessor].map(countStates);
    return sum + 1 + inner.reduce((total, count) => total + count, 0);
  }, 0);
}

function tableCharges(
  properties: Readonly<Record<string, unknown>>,
  { reads, writes, gb }: { reads: number; writes: number; gb: number },
): Charge[] {
  const recovers = isOn(recordOf(properties.PointInTimeRecoverySpecification).PointInTimeRecoveryEnabled);
  return [
    {
      component: 'state',
      what: 'table: writes',
      rates: rate('dynamodb.writes-1m'),
      quantity: writes / 1e6,
      unit: 'million',
    },
    {
      component: 'state',
      what: 'table: reads',
      rates: rate('dynamodb.reads-1m'),
      quantity: reads / 1e6,
      unit: 'million',
    },
    { component: 'state', what: 'table: storage', rates: rate('dynamodb.storage'), quantity: gb, unit: 'GB-months' },
    ...(recovers
      ? [
          {
            component: 'state',
            what: 'table: point-in-time recovery',
            rates: rate('dynamodb.pitr'),
            quantity: gb,
            unit: 'GB-months',
          } as const,
        ]
      : []),
  ];
}

const keyCharges = (requests: number): Charge[] => [
  { component: 'keys and secrets', what: 'key', rates: rate('kms.key'), quantity: 1, unit: 'months' },
  {
    component: 'keys and secrets',
    what: 'requests to a key',
    rates: rate('kms.requests-10k'),
    quantity: requests / 10_000,
    unit: 'ten thousand',
  },
];
