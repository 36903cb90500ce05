/** Labels: names that stand for a version, and move from one to another. */

import type { LabelParameterVersionCommandInput, UnlabelParameterVersionCommandInput } from '@aws-sdk/client-ssm';
import { AwsError, operation } from '../../../contract.ts';
import { named } from '../asks.ts';
import { announce } from '../events.ts';
import { accept } from '../members.ts';
import { validation } from '../names.ts';
import type { ParameterRecord } from '../records.ts';
import { current } from '../records.ts';
import type { ParameterStore } from '../store.ts';

/** A version has at most this many. */
const mostLabels = 10;

export const labels = (store: ParameterStore) => ({
  LabelParameterVersion: operation((input: LabelParameterVersionCommandInput, call) => {
    accept('LabelParameterVersion', input, ['Name', 'ParameterVersion', 'Labels']);
    const record = own(store, call.region, input.Name);
    const number = input.ParameterVersion ?? current(record).version;
    const target = versionOf(record, number);
    const asked = distinct(input.Labels);
    const invalid = asked.filter((label) => !isValid(label));
    const valid = asked.filter(isValid);
    if (new Set([...target.labels, ...valid]).size > mostLabels) {
      throw new AwsError(
        'ParameterVersionLabelLimitExceeded',
        `A parameter version can have a maximum of ${mostLabels} labels.`,
      );
    }
    if (valid.length > 0) {
      store.table(call.region).update(record.name, (before) => ({
        ...before,
        versions: before.versions.map((one) => ({
          ...one,
          labels: [...one.labels.filter((label) => !valid.includes(label)), ...(one.version === number ? valid : [])],
        })),
      }));
      announce(store.core, call.region, {
        operation: 'LabelParameterVersion',
        name: record.name,
        arn: store.arn(call.region, record.name),
        type: record.type,
        description: target.description,
      });
    }
    return { InvalidLabels: invalid, ParameterVersion: number };
  }, named('LabelParameterVersion')),

  UnlabelParameterVersion: operation((input: UnlabelParameterVersionCommandInput, call) => {
    accept('UnlabelParameterVersion', input, ['Name', 'ParameterVersion', 'Labels']);
    const record = own(store, call.region, input.Name);
    const target = versionOf(record, input.ParameterVersion ?? 0);
    const asked = distinct(input.Labels);
    const removed = asked.filter((label) => target.labels.includes(label));
    store.table(call.region).update(record.name, (before) => ({
      ...before,
      versions: before.versions.map((one) =>
        one.version === target.version
          ? { ...one, labels: one.labels.filter((label) => !removed.includes(label)) }
          : one,
      ),
    }));
    return { RemovedLabels: removed, InvalidLabels: asked.filter((label) => !removed.includes(label)) };
  }, named('UnlabelParameterVersion')),
});

function own(store: ParameterStore, region: string, name: string | undefined): ParameterRecord {
  const record = store.table(region).get(name ?? '');
  if (record === undefined) throw new AwsError('ParameterNotFound', `Parameter ${name ?? ''} not found.`);
  return record;
}

function versionOf(record: ParameterRecord, number: number) {
  const version = record.versions.find((one) => one.version === number);
  if (version !== undefined) return version;
  throw new AwsError(
    'ParameterVersionNotFound',
    `Systems Manager could not find version ${number} of ${record.name}. Verify the version and try again.`,
  );
}

function distinct(given: string[] | undefined): string[] {
  if (given === undefined || given.length === 0 || given.length > mostLabels) {
    throw validation(`Labels must have between 1 and ${mostLabels} members.`);
  }
  return [...new Set(given)];
}

/** Not a number at the start, and nothing that AWS keeps for itself. */
const isValid = (label: string): boolean =>
  /^[a-zA-Z_.-][a-zA-Z0-9_.-]{0,99}$/.test(label) && !/^(aws|ssm)/i.test(label);
