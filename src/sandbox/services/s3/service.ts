/** S3 of the sandbox: versions on disk, bucket names of the whole account, replication between Regions. */

import type { SandboxCore, Service } from '../../contract.ts';
import { bucketOfArn } from './asks.ts';
import { Contents } from './contents.ts';
import type { S3Context, S3Options } from './context.ts';
import { bucketConfiguration } from './operations/bucket-configuration.ts';
import { bucketPolicies } from './operations/bucket-policies.ts';
import { buckets } from './operations/buckets.ts';
import { copies } from './operations/copies.ts';
import { deletes } from './operations/deletes.ts';
import { lists } from './operations/lists.ts';
import { multipart } from './operations/multipart.ts';
import { partCopies } from './operations/part-copies.ts';
import { reads } from './operations/reads.ts';
import { tagging } from './operations/tagging.ts';
import { writes } from './operations/writes.ts';
import { ReplicationMetrics } from './replication/metrics.ts';
import { Replicator } from './replication/replicator.ts';
import { Store } from './store.ts';

export function createS3Service(core: SandboxCore, options: S3Options = {}): Service {
  const store = new Store(core);
  const replicator = new Replicator(core, store);
  const s3: S3Context = {
    core,
    store,
    replicator,
    contents: new Contents(core),
    metrics: new ReplicationMetrics(core, store, replicator),
    lateArrival: options.lateArrival ?? 'arrival order',
  };
  return {
    name: 's3',
    operations: {
      ...buckets(s3),
      ...bucketConfiguration(s3),
      ...bucketPolicies(s3),
      ...reads(s3),
      ...writes(s3),
      ...copies(s3),
      ...deletes(s3),
      ...lists(s3),
      ...multipart(s3),
      ...partCopies(s3),
      ...tagging(s3),
    },
    resourcePolicy: (arn) => store.find(bucketOfArn(arn))?.policy,
    regionDark: (region) => replicator.regionDark(region),
  };
}
