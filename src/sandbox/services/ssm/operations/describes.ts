/** DescribeParameters: everything about parameters but their values. */

import type { DescribeParametersCommandInput } from '@aws-sdk/client-ssm';
import { operation } from '../../../contract.ts';
import { matchesDescription } from '../filters.ts';
import { accept, pageOf, present } from '../members.ts';
import { current } from '../records.ts';
import type { ParameterStore } from '../store.ts';
import { described, pageSize } from './reads.ts';

export const describes = (store: ParameterStore) => ({
  DescribeParameters: operation(
    (input: DescribeParametersCommandInput, call) => {
      accept('DescribeParameters', input, ['ParameterFilters', 'MaxResults', 'NextToken']);
      const found = store
        .list(call.region)
        .filter((record) => matchesDescription(record, input.ParameterFilters ?? []));
      const { page, next } = pageOf(found, input.NextToken, pageSize(input.MaxResults, 50));
      return present({
        Parameters: page.map((record) => ({
          ...described(record, current(record)),
          ARN: store.arn(call.region, record.name),
        })),
        NextToken: next,
      });
    },
    (_input, call) => [{ action: 'ssm:DescribeParameters', resource: `arn:aws:ssm:${call.region}:${call.account}:*` }],
  ),
});
