/** What of RDS's quotas an account has used in a Region, as far as the sandbox has such a quota. */

import type { DescribeAccountAttributesCommandInput } from '@aws-sdk/client-rds';
import type { AnyOperation } from '../../contract.ts';
import { operation } from '../../contract.ts';
import type { Rds } from './context.ts';
import { mostInstances } from './instance-draft.ts';
import { rdsTables } from './rows.ts';

export const accountAttributeOperations = ({ core }: Pick<Rds, 'core'>): Record<string, AnyOperation> => ({
  DescribeAccountAttributes: operation((_: DescribeAccountAttributesCommandInput, { region }) => ({
    AccountQuotas: [
      { AccountQuotaName: 'DBInstances', Used: rdsTables(core, region).instances.size, Max: mostInstances },
    ],
  })),
});
