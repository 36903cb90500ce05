/** RDS, by what is asked about. */

import { databaseClasses } from './offers.ts';
import { rdsGroups } from './rds/groups.ts';
import { rdsInstances } from './rds/instances.ts';
import { rdsReplicas } from './rds/replicas.ts';
import { rdsSnapshots } from './rds/snapshots.ts';

export const rds = [...rdsInstances, ...rdsGroups, ...rdsSnapshots, ...rdsReplicas, ...databaseClasses];
