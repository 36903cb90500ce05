/** The limits as a section of the coverage document, read from the tables they are enforced by. */

import type { BucketSize } from '../../facts/limits.ts';
import { type Rate, requestRates, resourceRates } from './rates.ts';
import { throttlingError } from './throttling-errors.ts';

export function limitsSection(): string[] {
  const [byRequest, byResource] = [requestRates.map(row('calls')), resourceRates.map(row('resources'))];
  return [
    `## Limits: ${byRequest.length + byResource.length} rates`,
    '',
    'Per account and Region, on AWS time: how many at once, and how many more each second. Where AWS publishes a rate and no bucket, the bucket',
    "holds a second's worth. AWS's own services aren't limited; CloudFormation's calls count, and it tries them again. Whatever isn't listed has no",
    'number in `src/facts/aws-model.json`, or one that a sandbox never reaches.',
    '',
    '| Service | APIs | Counts | Bucket | Refill per second | Error |',
    '|---|---|---|---|---|---|',
    ...[...byRequest, ...byResource].sort(),
    '',
  ];
}

const row =
  (counted: 'calls' | 'resources') =>
  (rate: Rate): string => {
    const here = rate.size('us-east-1');
    const elsewhere = rate.size('eu-central-1');
    const figure = (name: keyof BucketSize): string =>
      here[name] === elsewhere[name] ? amount(here[name]) : `${here[name]} (smaller Regions ${elsewhere[name]})`;
    const { code, status } = throttlingError(rate.service, nameOf(rate), '');
    const scope = rate.global === true ? `${rate.service} (all Regions)` : rate.service;
    return `| ${[scope, apisOf(rate), counted, figure('capacity'), figure('refill'), `${code} ${status ?? 400}`].join(' | ')} |`;
  };

const amount = (value: number): string =>
  value > 0 && value < 0.1 ? `${Math.round(value * 86_400)} a day` : String(value);

const nameOf = ({ operations }: Rate): string => (operations instanceof RegExp ? '' : (operations[0] ?? ''));

function apisOf({ name, operations, each }: Rate): string {
  const listed = operations instanceof RegExp ? (name ?? String(operations)) : operations.join(', ');
  const shared = operations instanceof RegExp || operations.length > 1 ? (each === true ? ', each' : ', shared') : '';
  const group = name !== undefined && !(operations instanceof RegExp) ? `${name}: ` : '';
  return `${group}${listed}${shared}`;
}
