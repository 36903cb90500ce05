/** What keeps state and secrets: tables, parameters, state machines, keys, secrets. */

import { regionOf } from '../../workload/judged.ts';
import { machines } from '../../workload/names.ts';
import type { Charge, Pricers, Rate } from '../charge.ts';
import { isOn, listOf, rate, recordOf, textOf, transferRates } from '../charge.ts';
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
  /** Each replica pays for every write and keeps all of it; what is written also travels to each other Region. */
  'AWS::DynamoDB::GlobalTable': ({ properties, region: home }, { names, control, usage, mode, workload }) => {
    const ours = properties.TableName === names.table;
    const { reads, writes, gb } = ours
      ? { reads: control.reads, writes: control.writes, gb: stateGb }
      : { reads: usage.tableReads * mode.share, writes: usage.tableWrites * mode.share, gb: usage.tableGb };
    const replicas = listOf(properties.Replicas).map(recordOf);
    const column = ours ? ({ column: 'standby' } as const) : {};
    const tables = replicas.flatMap((replica) => {
      const region = textOf(replica.Region) ?? home;
      const guards = (['primary', 'recovery'] as const).filter((side) => ours && regionOf(workload, side) === region);
      const here = (region === home ? reads : 0) + guards.reduce((sum, side) => sum + control.guardReads[side], 0);
      return tableCharges(replica, { reads: here, writes, gb }, replicatedWrites).map((charge) => ({
        ...charge,
        what: charge.what.replace('table', 'global table'),
        region,
        ...column,
      }));
    });
    const witnesses = listOf(properties.GlobalTableWitnesses).map((one) => textOf(recordOf(one).Region) ?? home);
    const kept = witnesses.map(
      (region): Charge => ({
        component: 'state',
        what: 'global table: writes the witness keeps',
        // Priced like a replica's: AWS's pages don't say what is charged for a witness.
        rates: replicatedWrites.map((one) => ({ ...one, approximate: true })),
        quantity: writes / 1e6,
        unit: 'million',
        region,
        ...column,
      }),
    );
    const others = [...replicas.map((replica) => textOf(replica.Region) ?? home), ...witnesses].filter(
      (region) => region !== home,
    );
    const sent = others.map(
      (to): Charge => ({
        component: 'data transfer',
        what: `writes of the global table, ${home} to ${to}`,
        rates: transferRates(to),
        // A write unit is 1 KB.
        quantity: writes / 1024 ** 2,
        unit: 'GB',
        region: home,
        ...column,
      }),
    );
    return [...tables, ...kept, ...sent];
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
    const plan = machines.find((one) => name === names.machine(one));
    const runs = plan === undefined ? usage.machineRuns * mode.share : (mode.runs?.[plan] ?? 0);
    const each = runs === 0 ? 0 : statesOf(machine) + (plan === undefined ? 0 : usage.runPolls);
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

/** The same as ordinary ones where nothing else is said. Source: DynamoDB Developer Guide, "Understanding billing for global tables". */
const replicatedWrites: readonly Rate[] = [{ key: 'dynamodb.replicated-writes-1m' }, { key: 'dynamodb.writes-1m' }];

/** A few items of some KB: what runs and looks leave. */
const stateGb = 0.001;

/** The states of a definition, those inside branches and iterators too: each is one transition when it is passed. */
function statesOf({ properties }: Resource): number {
  const text = textOf(properties.DefinitionString);
  let definition: unknown = properties.Definition;
  try {
    if (text !== undefined) definition = JSON.parse(text);
  } catch {
    // A definition that only deployment completes can't be counted, and isn't free for that.
    return Number.NaN;
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
  writeRates: readonly Rate[] = rate('dynamodb.writes-1m'),
): Charge[] {
  const recovers = isOn(recordOf(properties.PointInTimeRecoverySpecification).PointInTimeRecoveryEnabled);
  return [
    {
      component: 'state',
      what: 'table: writes',
      rates: writeRates,
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
