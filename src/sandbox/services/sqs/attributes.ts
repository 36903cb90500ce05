/** Queue attributes: defaults, ranges and what is refused. Source: SQS API Reference, SetQueueAttributes. */

import { AwsError } from '../../contract.ts';
import { readablePolicy } from '../resource-policies.ts';
import { unsupported } from './members.ts';

const ranges: Readonly<Record<string, { least: number; most: number; byDefault: number }>> = {
  DelaySeconds: { least: 0, most: 900, byDefault: 0 },
  MaximumMessageSize: { least: 1024, most: 1_048_576, byDefault: 1_048_576 },
  MessageRetentionPeriod: { least: 60, most: 1_209_600, byDefault: 345_600 },
  ReceiveMessageWaitTimeSeconds: { least: 0, most: 20, byDefault: 0 },
  VisibilityTimeout: { least: 0, most: 43_200, byDefault: 30 },
  KmsDataKeyReusePeriodSeconds: { least: 60, most: 86_400, byDefault: 300 },
};

/** Attributes whose empty value takes them away. */
const texts = ['Policy', 'RedrivePolicy', 'RedriveAllowPolicy', 'KmsMasterKeyId', 'SqsManagedSseEnabled'];

export const defaultAttributes: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    Object.entries(ranges)
      .filter(([name]) => name !== 'KmsDataKeyReusePeriodSeconds')
      .map(([name, { byDefault }]) => [name, String(byDefault)]),
  ),
  SqsManagedSseEnabled: 'true',
};

export interface Redrive {
  readonly deadLetterTargetArn: string;
  readonly maxReceiveCount: number;
}

/** The attributes after `given` is applied to `before`. Throws for what isn't an attribute, isn't in range or isn't supported. */
export function changedAttributes(
  before: Readonly<Record<string, string>>,
  given: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const changed = new Map(Object.entries(before));
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    if (
      name === 'FifoQueue' ||
      name === 'ContentBasedDeduplication' ||
      name.startsWith('Fifo') ||
      name === 'DeduplicationScope'
    ) {
      if (value === 'false') continue;
      throw unsupported(`the FIFO attribute ${name}`, 'SetQueueAttributes');
    }
    if (value === '' && texts.includes(name)) changed.delete(name);
    else changed.set(name, checked(name, value));
  }
  if (changed.has('KmsMasterKeyId')) {
    if (given.SqsManagedSseEnabled === 'true') {
      throw invalidValue('You can use one type of server-side encryption (SSE) at one time.');
    }
    changed.set('SqsManagedSseEnabled', 'false');
  }
  return Object.fromEntries(changed);
}

export function redriveOf(attributes: Readonly<Record<string, string>>): Redrive | undefined {
  return attributes.RedrivePolicy === undefined ? undefined : parseRedrive(attributes.RedrivePolicy);
}

function checked(name: string, value: string): string {
  const range = ranges[name];
  if (range !== undefined) {
    const number = Number(value);
    if (!Number.isInteger(number) || number < range.least || number > range.most) {
      throw invalidValue(
        `Invalid value for the parameter ${name}. Reason: Must be an integer from ${range.least} to ${range.most}.`,
      );
    }
    return String(number);
  }
  if (!texts.includes(name)) throw new AwsError('InvalidAttributeName', `Unknown Attribute ${name}.`);
  if (name === 'RedrivePolicy') parseRedrive(value);
  if (name === 'RedriveAllowPolicy') json(name, value);
  // SQS's sentence says no more (aws/aws-cdk#15602); what is in brackets is the sandbox's.
  if (name === 'Policy' && value !== '') {
    readablePolicy(value, (why) => invalidValue(`Invalid value for the parameter Policy. [${why}]`));
  }
  return value;
}

function parseRedrive(text: string): Redrive {
  const given = json('RedrivePolicy', text) as Partial<Record<keyof Redrive, unknown>>;
  const { deadLetterTargetArn } = given;
  const maxReceiveCount = Number(given.maxReceiveCount);
  if (typeof deadLetterTargetArn !== 'string' || !(maxReceiveCount >= 1 && maxReceiveCount <= 1000)) {
    throw new AwsError(
      'InvalidParameterValue',
      `Value ${text} for parameter RedrivePolicy is invalid. Reason: Redrive policy needs a deadLetterTargetArn and a maxReceiveCount from 1 to 1000.`,
    );
  }
  return { deadLetterTargetArn, maxReceiveCount };
}

function json(name: string, text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Falls through to the refusal.
  }
  throw invalidValue(`Value ${text} for parameter ${name} is invalid. Reason: it is not a JSON object.`);
}

export const invalidValue = (message: string): AwsError => new AwsError('InvalidAttributeValue', message);
