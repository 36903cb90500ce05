/** Lists of secrets, filtered as AWS filters them. Source: Secrets Manager API Reference, ListSecrets and Filter. */

import type { Filter, ListSecretsCommandInput } from '@aws-sdk/client-secrets-manager';
import type { AnyOperation, SandboxCore } from '../../contract.ts';
import { AwsError, operation } from '../../contract.ts';
import { required, unsupported } from './errors.ts';
import { liveSecrets } from './find.ts';
import { summary } from './output.ts';
import type { SecretRow } from './rows.ts';
import { stagesById } from './versions.ts';

export function listOperations(core: SandboxCore): Record<string, AnyOperation> {
  return {
    ListSecrets: operation((input: ListSecretsCommandInput, call) => {
      if (input.SortBy !== undefined && input.SortBy !== 'created-date') throw unsupported(`SortBy ${input.SortBy}`);
      const descending = input.SortOrder === 'desc' ? -1 : 1;
      const found = liveSecrets(core, call)
        .filter((row) => input.IncludePlannedDeletion === true || row.deletedAt === undefined)
        .filter((row) => (input.Filters ?? []).every((filter) => passes(row, filter)))
        .toSorted((one, other) => descending * (one.createdAt - other.createdAt));
      const start = input.NextToken === undefined ? 0 : Number(input.NextToken);
      if (!Number.isInteger(start) || start < 0) throw new AwsError('InvalidNextTokenException', 'Invalid NextToken.');
      const end = start + (input.MaxResults ?? 100);
      return {
        SecretList: found
          .slice(start, end)
          .map((row) => ({ ...summary(row), SecretVersionsToStages: stagesById(row) })),
        ...(end < found.length ? { NextToken: String(end) } : {}),
      };
    }),
  };
}

function passes(row: SecretRow, { Key: key, Values: values = [] }: Filter): boolean {
  const texts = textsOf(row, required(key, 'Key'));
  const sameCase = key !== 'description';
  return values.some((value) => {
    const negated = value.startsWith('!');
    const prefix = sameCase ? value.slice(negated ? 1 : 0) : value.slice(negated ? 1 : 0).toLowerCase();
    return texts.some((text) => (sameCase ? text : text.toLowerCase()).startsWith(prefix)) !== negated;
  });
}

function textsOf(row: SecretRow, key: NonNullable<Filter['Key']>): string[] {
  if (key === 'name') return [row.name];
  if (key === 'description') return row.description === undefined ? [] : [row.description];
  if (key === 'tag-key') return Object.keys(row.tags);
  if (key === 'tag-value') return Object.values(row.tags);
  if (key === 'primary-region') return row.primaryRegion === undefined ? [] : [row.primaryRegion];
  throw unsupported(`the filter ${key}`);
}
