/** The whole: every stack of both sides, in an order in which one `cdk deploy --all` goes through. */

import { Construct } from 'constructs';
import type { Side, WorkloadConfig } from '../workload/config.ts';
import { parseWorkload } from '../workload/parse.ts';
import { ControlStack } from './control.ts';
import { DatabaseStack } from './database.ts';
import { FoundationStack } from './foundation.ts';
import { IdentityStack } from './identity.ts';
import { placeOf } from './place.ts';
import { ServiceStack } from './service.ts';
import { StorageStack } from './storage.ts';
import { TrafficStack } from './traffic.ts';

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
    const recovery = placeOf(workload, 'recovery');
    const primary = placeOf(workload, 'primary');

    const identity = new IdentityStack(app, recovery);
    const both = <T>(make: (side: Side) => T): Record<Side, T> => ({
      recovery: make('recovery'),
      primary: make('primary'),
    });
    const places = { primary, recovery };
    const foundation = both((side) => new FoundationStack(app, places[side]));
    const storage = both((side) => new StorageStack(app, places[side]));
    const database = both((side) => new DatabaseStack(app, places[side], foundation[side]));
    const service = both((side) => new ServiceStack(app, places[side], foundation[side], baseDirectory));
    const control = both((side) => new ControlStack(app, places[side]));
    const traffic = both((side) => new TrafficStack(app, places[side], service[side]));

    for (const side of ['primary', 'recovery'] as const) {
      foundation[side].addStackDependency(identity, 'roles are known by name');
      storage[side].addStackDependency(foundation[side], 'the key and the install function');
      database[side].addStackDependency(foundation[side], 'the network, the key and the install function');
      service[side].addStackDependency(database[side], "the application reads the database's address at boot");
      service[side].addStackDependency(storage[side], 'the application needs its buckets');
      control[side].addStackDependency(service[side], 'nothing watches or tends what does not stand yet');
    }
    storage.primary.addStackDependency(storage.recovery, 'a replication rule needs its destination');
    database.recovery.addStackDependency(database.primary, 'a replica needs its source');
    control.primary.addStackDependency(control.recovery, 'upkeep asks the authority');
    traffic.primary.addStackDependency(traffic.recovery, 'records need their zone');
    traffic.primary.addStackDependency(control.recovery, 'the latch follows an alarm');
  }
}
