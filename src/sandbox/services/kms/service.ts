/** KMS: keys that live and stay in one Region. Internal principals use keys without being judged; a key's state binds them too. */

import type { SandboxCore, Service } from '../../contract.ts';
import { aliasOperations } from './alias-operations.ts';
import { cryptographicOperations } from './cryptographic-operations.ts';
import { grantOperations } from './grant-operations.ts';
import { keyOperations } from './key-operations.ts';
import { effectivePolicy } from './key-policy.ts';
import { liveKey } from './keys.ts';
import { kmsTables } from './rows.ts';

export function createKmsService(core: SandboxCore): Service {
  return {
    name: 'kms',
    operations: {
      ...keyOperations(core),
      ...aliasOperations(core),
      ...cryptographicOperations(core),
      ...grantOperations(core),
    },
    // The Region is the ARN's: another Region's key may be asked about on a call's way to it.
    resourcePolicy(arn) {
      const [, region, id] = /^arn:aws:kms:([^:]+):\d{12}:key\/(.+)$/.exec(arn) ?? [];
      if (region === undefined || id === undefined) return undefined;
      const row = liveKey(core, { region }, id);
      if (row === undefined) return undefined;
      const grants = kmsTables(core, region).grants.values();
      return effectivePolicy(
        row,
        grants.filter((grant) => grant.keyId === id),
      );
    },
  };
}
