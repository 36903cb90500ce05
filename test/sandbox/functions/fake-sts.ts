/** The part of STS that functions need: temporary credentials for any role but one named `nobody`. */

import type { SandboxCore, Service } from '../../../src/sandbox/contract.ts';
import { AwsError, operation } from '../../../src/sandbox/contract.ts';

export function fakeSts(core: SandboxCore): Service {
  return {
    name: 'sts',
    operations: {
      AssumeRole: operation<{ RoleArn: string; RoleSessionName: string; DurationSeconds: number }, object>((input) => {
        const role = input.RoleArn.split('/').at(-1);
        if (role === 'nobody') throw new AwsError('AccessDenied', 'No trust.', { status: 403 });
        return {
          Credentials: {
            AccessKeyId: `ASIA${role}`,
            SecretAccessKey: 'secret',
            SessionToken: 'token',
            Expiration: new Date(core.clock.now() + 1000 * input.DurationSeconds),
          },
          AssumedRoleUser: { Arn: `arn:aws:sts::${core.account}:assumed-role/${role}/${input.RoleSessionName}` },
        };
      }),
    },
  };
}
