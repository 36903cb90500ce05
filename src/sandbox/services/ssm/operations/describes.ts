/** DescribeParameters: everything about parameters but their values. */

import type { DescribeParametersCommandInput } from '@aws-sdk/client-ssm';
import { operation } from '../../../contract.ts';
import { matchesDescription } from '../filters.ts';
import { accept, pageAfter, present } from '../members.ts';
import { current } from '../records.ts';
import type { ParameterStore } from '../store.ts';
import { described, pageSize } from './reads.ts';

export const describes = (store: ParameterStore) => ({
  DescribeParameters: operation(
    (input: DescribeParametersCommandInput, call) => {
      accept('DescribeParameters', input, ['ParameterFilters', 'MaxResults', 'NextToken']);
      const found = function* (after: string) {
        for (const record of store.walk(call.region, '/', true, after)) {
          if (matchesDescription(record, input.ParameterFilters ?? [])) yield record;
        }
      };
      const size = pageSize(input.MaxResults, 50);
      const { page, next } = pageAfter(found, ({ name }) => name, input.NextToken, size);
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
