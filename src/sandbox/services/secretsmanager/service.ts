/** Secrets Manager: values under KMS, versions with labels, and replicas in other Regions. */

import type { SandboxCore, Service } from '../../contract.ts';
import { find } from './find.ts';
import { listOperations } from './list-operations.ts';
import { policyOperations } from './policy-operations.ts';
import { replicaOperations } from './replica-regions.ts';
import { replicationOf } from './replication.ts';
import { secretOperations } from './secret-operations.ts';
import { valueOperations } from './value-operations.ts';

export function createSecretsManagerService(core: SandboxCore): Service {
  const replication = replicationOf(core);
  return {
    name: 'secretsmanager',
    resume: () => replication.resume(),
    operations: {
      ...secretOperations(core, replication),
      ...valueOperations(core, replication),
      ...replicaOperations(core, replication),
      ...policyOperations(core, replication),
      ...listOperations(core),
    },
    resourcePolicy: (arn) => find(core, { region: arn.split(':')[3] ?? '' }, arn)?.policy,
  };
}
