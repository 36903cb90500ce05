/** Reading values: by name, by several names, by path, and through history. */

import type {
  GetParameterCommandInput,
  GetParameterHistoryCommandInput,
  GetParametersByPathCommandInput,
  GetParametersCommandInput,
} from '@aws-sdk/client-ssm';
import type { Call } from '../../../contract.ts';
import { codeOf, operation } from '../../../contract.ts';
import { eachNamed, named, onParameter } from '../asks.ts';
import { matchesByPath } from '../filters.ts';
import { accept, pageAfter, pageOf, present } from '../members.ts';
import { checkPath, parseSelected, validation } from '../names.ts';
import type { ParameterRecord, ParameterVersion } from '../records.ts';
import { decrypt } from '../secrets.ts';
import type { Found, ParameterStore } from '../store.ts';

export const reads = (store: ParameterStore) => ({
  GetParameter: operation(async (input: GetParameterCommandInput, call) => {
    accept('GetParameter', input, ['Name', 'WithDecryption']);
    const found = store.find(call.region, input.Name);
    return { Parameter: await shown(store, call, found, input.WithDecryption === true) };
  }, named('GetParameter')),

  GetParameters: operation(async (input: GetParametersCommandInput, call) => {
    accept('GetParameters', input, ['Names', 'WithDecryption']);
    const names = input.Names ?? [];
    if (names.length === 0 || names.length > 10) throw validation('Names must have between 1 and 10 members.');
    if (new Set(names).size < names.length) throw validation('Names must be unique.');
    const found: Found[] = [];
    const invalid: string[] = [];
    for (const name of names) {
      try {
        found.push(store.find(call.region, name));
      } catch (error) {
        if (!['ParameterNotFound', 'ParameterVersionNotFound'].includes(codeOf(error) ?? '')) throw error;
        invalid.push(name);
      }
    }
    const Parameters = await Promise.all(found.map((one) => shown(store, call, one, input.WithDecryption === true)));
    return { Parameters, InvalidParameters: invalid };
  }, eachNamed('GetParameters')),

  /** At most 10 a page, as on AWS. */
  GetParametersByPath: operation(
    async (input: GetParametersByPathCommandInput, call) => {
      const members = ['Path', 'Recursive', 'ParameterFilters', 'WithDecryption', 'MaxResults', 'NextToken'];
      accept('GetParametersByPath', input, members);
      const path = checkPath(input.Path);
      const size = pageSize(input.MaxResults, 10);
      const found = function* (after: string) {
        for (const record of store.walk(call.region, path, input.Recursive === true, after)) {
          yield* matchesByPath(record, input.ParameterFilters ?? []);
        }
      };
      const { page, next } = pageAfter(found, ({ record }) => record.name, input.NextToken, size);
      const Parameters = await Promise.all(page.map((one) => shown(store, call, one, input.WithDecryption === true)));
      return present({ Parameters, NextToken: next });
    },
    (input: GetParametersByPathCommandInput, call) => [
      onParameter('GetParametersByPath', input.Path, call, { 'ssm:Recursive': String(input.Recursive === true) }),
    ],
  ),

  GetParameterHistory: operation(async (input: GetParameterHistoryCommandInput, call) => {
    accept('GetParameterHistory', input, ['Name', 'WithDecryption', 'MaxResults', 'NextToken']);
    const record = store.get(call.region, parseSelected(input.Name).name);
    const { page, next } = pageOf(record.versions, input.NextToken, pageSize(input.MaxResults, 50));
    const Parameters = await Promise.all(
      page.map(async (version) => ({
        ...described(record, version),
        Value: await readValue(store, call, record, version, input.WithDecryption === true),
        Labels: [...version.labels],
      })),
    );
    return present({ Parameters, NextToken: next });
  }, named('GetParameterHistory')),
});

/** What history and descriptions share. */
export const described = (record: ParameterRecord, version: ParameterVersion) =>
  present({
    Name: record.name,
    Type: record.type,
    KeyId: version.keyId,
    LastModifiedDate: new Date(version.lastModified),
    LastModifiedUser: version.user,
    Description: version.description,
    AllowedPattern: version.allowedPattern,
    Version: version.version,
    Tier: version.tier,
    Policies: [],
    DataType: version.dataType,
  });

export function pageSize(asked: number | undefined, most: number): number {
  if (asked === undefined) return most;
  if (asked >= 1 && asked <= most) return asked;
  throw validation(`Value '${asked}' at 'maxResults' failed to satisfy constraint: between 1 and ${most}.`);
}

async function shown(store: ParameterStore, call: Call, { record, version, selector }: Found, plain: boolean) {
  return present({
    Name: record.name,
    Type: record.type,
    Value: await readValue(store, call, record, version, plain),
    Version: version.version,
    Selector: selector === undefined ? undefined : `:${selector}`,
    LastModifiedDate: new Date(version.lastModified),
    ARN: store.arn(call.region, record.name),
    DataType: version.dataType,
  });
}

async function readValue(
  store: ParameterStore,
  call: Call,
  record: ParameterRecord,
  version: ParameterVersion,
  plain: boolean,
): Promise<string> {
  if (version.keyId === undefined || !plain) return version.value;
  return decrypt(store.core, call, store.arn(call.region, record.name), version.value);
}
