/** The whole: every part of a workload, in stacks of our own, in an order in which one `cdk deploy --all` goes through. */

import type { StackProps } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { WorkloadConfig } from '../workload/config.ts';
import type { Side } from '../workload/judged.ts';
import { publicName } from '../workload/judged.ts';
import { parseWorkload } from '../workload/parse.ts';
import { idOf } from './part.ts';
import { ApplicationTier } from './parts/application-tier.ts';
import { DataKeys } from './parts/data-keys.ts';
import { DatabasePair } from './parts/database-pair.ts';
import { Functions } from './parts/functions.ts';
import { Latch } from './parts/latch.ts';
import { Network } from './parts/network.ts';
import { Notices } from './parts/notices.ts';
import { Parameters } from './parts/parameters.ts';
import { RecoveryControl } from './parts/recovery-control.ts';
import { ReplicatedBucket } from './parts/replicated-bucket.ts';
import { Roles } from './parts/roles.ts';
import { bothSides, placeOf, SideStack } from './place.ts';

export interface PilotLightProps {
  readonly config: WorkloadConfig;
  /**
   * The folder that paths in the config are relative to.
   * @default the current directory
   */
  readonly baseDirectory?: string;
}

export class PilotLight extends Construct {
  constructor(scope: Construct, id: string, { config, baseDirectory = process.cwd() }: PilotLightProps) {
    super(scope, id);
    const workload = parseWorkload(config);
    const app = this.node.root as Construct;
    const places = bothSides((side) => placeOf(workload, side));
    const stacks = (room: string, describe: (side: Side) => string, props: StackProps = {}) =>
      bothSides((side) => new SideStack(app, room, places[side], { description: describe(side), ...props }));

    const identity = new SideStack(app, 'identity', places.recovery, {
      description: 'Pilot Light: the roles of both sides',
    });
    const roles = new Roles(this, 'Roles', { workload, stack: identity });

    const foundation = stacks('foundation', (side) => `Pilot Light: network, key and parameters of the ${side} Region`);
    const inFoundation = { workload, stacks: foundation };
    const { sides: network } = new Network(this, 'Network', inFoundation);
    const { keyArns } = new DataKeys(this, 'DataKey', inFoundation);
    new Notices(this, 'Notices', { ...inFoundation, keyArns, roles });
    const parameters = new Parameters(this, 'Parameters', { ...inFoundation, roles });

    const database = new DatabasePair(this, 'Database', {
      workload,
      stacks: stacks('database', (side) => `Pilot Light: the database of the ${side} Region`, {
        terminationProtection: true,
      }),
      network,
      keyArns,
    }).after(parameters);

    const storage =
      workload.buckets.length === 0
        ? undefined
        : stacks('storage', (side) => `Pilot Light: buckets of the ${side} Region`);
    const buckets =
      storage === undefined
        ? []
        : workload.buckets.map((bucket) =>
            new ReplicatedBucket(this, `${idOf(bucket)}Bucket`, { workload, stacks: storage, bucket }).after(
              parameters,
            ),
          );

    // The application reads the database's address and its buckets' names at boot.
    const service = stacks('service', (side) => `Pilot Light: the service of the ${side} Region`);
    const functions = new Functions(this, 'Functions', { workload, stacks: service, baseDirectory });
    const tier = new ApplicationTier(this, 'Application', { workload, stacks: service, network });
    for (const part of [functions, tier]) part.after(database, ...buckets);

    // Nothing watches or tends what doesn't stand yet.
    const control = new RecoveryControl(this, 'Control', {
      workload,
      stacks: stacks('control', (side) => `Pilot Light: recovery control in the ${side} Region`),
    }).after(functions, tier);

    if (publicName(workload) === undefined) return;
    new Latch(this, 'Latch', {
      workload,
      stacks: stacks('traffic', (side) => `Pilot Light: the ${side} Region's part of the public name`),
      doors: tier.doors,
    }).after(control);
  }
}
