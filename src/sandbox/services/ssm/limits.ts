/** What a value may be, by tier and data type. Source: SSM API Reference, PutParameter. */

import { AwsError } from '../../contract.ts';
import { unsupported } from './members.ts';
import { validation } from './names.ts';
import type { ParameterType, Tier } from './records.ts';

const standardSize = 4096;
const advancedSize = 8192;

/** The tier a put ends in. A parameter never comes back down from the advanced one. */
export function tierFor(asked: string | undefined, value: string, before: Tier | undefined): Tier {
  const size = Buffer.byteLength(value);
  if (size > advancedSize) {
    throw validation(
      `Value at 'value' failed to satisfy constraint: Member must have length less than or equal to ${advancedSize}.`,
    );
  }
  if (asked === 'Advanced' || before === 'Advanced') {
    if (asked === 'Standard') {
      throw validation(
        "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the advanced-parameter tier to the standard-parameter tier. If necessary, you can delete the advanced parameter and recreate it as a standard parameter.",
      );
    }
    return 'Advanced';
  }
  if (size <= standardSize) return 'Standard';
  if (asked === 'Intelligent-Tiering') return 'Advanced';
  throw validation(
    'Standard tier parameters support a maximum parameter value of 4096 characters. To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier. For more information, see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html',
  );
}

export function checkValue(value: string | undefined, allowedPattern: string | undefined): string {
  if (value === undefined || value === '') {
    throw validation(
      "Value at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1.",
    );
  }
  if (/\{\{.*\}\}/s.test(value)) {
    throw validation(`Parameter value can't nest another parameter. Do not use "{{}}" in the value.`);
  }
  if (allowedPattern !== undefined && !pattern(allowedPattern).test(value)) {
    throw new AwsError(
      'ParameterPatternMismatchException',
      `Parameter value, cannot be validated against allowedPattern: ${allowedPattern}`,
    );
  }
  return value;
}

export function checkDataType(dataType: string, type: ParameterType, value: string): void {
  if (dataType === 'text') return;
  if (dataType !== 'aws:ec2:image') throw unsupported(`DataType ${dataType}`, 'PutParameter');
  if (type !== 'String') throw validation(`DataType ${dataType} is only supported for parameters of type String.`);
  if (!/^ami-[0-9a-f]{8,17}$/.test(value)) {
    throw validation('Invalid value for data type aws:ec2:image. The value must match the following pattern: ami-.*');
  }
}

function pattern(text: string): RegExp {
  try {
    return new RegExp(`^(?:${text})$`);
  } catch {
    throw new AwsError(
      'InvalidAllowedPatternException',
      `The allowed pattern ${text} is not a valid regular expression.`,
    );
  }
}
