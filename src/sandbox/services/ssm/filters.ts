/** Filters of GetParametersByPath and DescribeParameters. Source: SSM API Reference, ParameterStringFilter. */

import type { ParameterStringFilter } from '@aws-sdk/client-ssm';
import { AwsError } from '../../contract.ts';
import { checkPath } from './names.ts';
import type { ParameterRecord } from './records.ts';
import { current } from './records.ts';
import type { Found } from './store.ts';

/** The version of a parameter that GetParametersByPath answers: the labelled one where a label is asked for. */
export function matchesByPath(record: ParameterRecord, filters: readonly ParameterStringFilter[]): Found[] {
  let found: Found = { record, version: current(record), selector: undefined };
  for (const filter of filters) {
    const { Key: key = '', Option: option = 'Equals', Values: values = [] } = filter;
    if (key === 'Label') {
      if (option !== 'Equals') throw invalidOption(option, key);
      const version = record.versions.find((one) => one.labels.some((label) => values.includes(label)));
      if (version === undefined) return [];
      found = { record, version, selector: version.labels.find((label) => values.includes(label)) };
    } else if (key === 'Type' || key === 'KeyId') {
      if (!compare(attribute(record, key), option, values, key)) return [];
    } else {
      throw invalidKey(key);
    }
  }
  return [found];
}

export function matchesDescription(record: ParameterRecord, filters: readonly ParameterStringFilter[]): boolean {
  return filters.every(({ Key: key = '', Option: option, Values: values = [] }) => {
    if (key.startsWith('tag:')) {
      const value = record.tags[key.slice('tag:'.length)];
      if (value === undefined) return false;
      return values.length === 0 || compare(value, option ?? 'Equals', values, key);
    }
    if (key === 'Path') return inPath(record.name, option ?? 'OneLevel', values);
    if (key === 'Name' && option === 'Contains') return values.some((value) => record.name.includes(value));
    return compare(attribute(record, key), option ?? 'Equals', values, key);
  });
}

function inPath(name: string, option: string, values: readonly string[]): boolean {
  if (option !== 'Recursive' && option !== 'OneLevel') throw invalidOption(option, 'Path');
  return values.some((value) => under(name, checkPath(value), option === 'Recursive'));
}

/** Whether a name lies under a path (which ends in a slash): right under it, or anywhere. */
export function under(name: string, path: string, recursive: boolean): boolean {
  if (path === '/' && !name.includes('/')) return true;
  return name.startsWith(path) && (recursive || !name.slice(path.length).includes('/'));
}

function attribute(record: ParameterRecord, key: string): string | undefined {
  const version = current(record);
  switch (key) {
    case 'Name':
      return record.name;
    case 'Type':
      return record.type;
    case 'KeyId':
      return version.keyId;
    case 'Tier':
      return version.tier;
    case 'DataType':
      return version.dataType;
    default:
      throw invalidKey(key);
  }
}

function compare(value: string | undefined, option: string, values: readonly string[], key: string): boolean {
  if (option === 'Equals') return value !== undefined && values.includes(value);
  if (option === 'BeginsWith') return values.some((start) => value?.startsWith(start) === true);
  throw invalidOption(option, key);
}

const invalidKey = (key: string): AwsError =>
  new AwsError('InvalidFilterKey', `The following filter key is not valid: ${key}.`);

const invalidOption = (option: string, key: string): AwsError =>
  new AwsError(
    'InvalidFilterOption',
    `The following filter option is not valid: ${option}. It can't be used with ${key}.`,
  );
