/**
 * Which code each service refuses an input with that its model doesn't allow, and whose words it uses.
 *
 * Sources: the services' common errors in their API references, and answers of AWS quoted in public issues:
 *  - Logs says `InvalidParameterException` (winston-cloudwatch: "Value '[]' at 'logEvents' failed …");
 *  - Route 53 says `InvalidInput`, of a path or query string in the common words (crossplane-contrib/provider-aws#1826), of a body in
 *    those of the XML schema (hashicorp/terraform-provider-aws#7606, chilts/nice-route53#8);
 *  - EC2's ranges: "Value ( 3 ) for parameter maxResults is invalid. …" (steampipe-plugin-aws, and the AWS CLI's answers);
 *  - SQS and RDS name the parameter that isn't there: danbooru/danbooru#3151, and RDS's common errors (`MissingParameter`).
 */

import type { ServiceConstraints } from '../../../facts/constraints.ts';
import type { ServiceName } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import type { Violation } from './violations.ts';
import { coralPath, demanded, plainPath, validationErrors } from './wording.ts';

export interface Refused {
  readonly violations: readonly [Violation, ...Violation[]];
  readonly operation: string;
  readonly constraints: ServiceConstraints;
}

type Refusal = (refused: Refused) => AwsError;

export const refusalOf = (service: ServiceName): Refusal => refusals[service];

const inCommonWords =
  (code: string): Refusal =>
  ({ violations }) =>
    new AwsError(code, validationErrors(violations));

/** SQS's and RDS's: a missing parameter has a code of its own. */
const missingApart =
  (otherwise: (violation: Violation) => AwsError): Refusal =>
  ({ violations: [first] }) =>
    first.demand.kind === 'required'
      ? new AwsError('MissingParameter', `The request must contain the parameter ${plainPath(first.path)}.`)
      : otherwise(first);

const textOf = ({ value }: Violation): string => (Array.isArray(value) ? value.join(', ') : String(value));

const ofEc2 = missingApart((violation) => {
  const { demand, path } = violation;
  const lead = (value: string) => `Value ${value} for parameter ${plainPath(path)} is invalid.`;
  const bound =
    demand.kind === 'minValue'
      ? ` Expecting a value greater than or equal to ${demand.limit}.`
      : demand.kind === 'maxValue'
        ? ` Expecting a value smaller than or equal to ${demand.limit}.`
        : undefined;
  if (bound !== undefined) return new AwsError('InvalidParameterValue', lead(`( ${textOf(violation)} )`) + bound);
  return new AwsError('InvalidParameterValue', `${lead(`(${textOf(violation)})`)} ${demanded(demand)}.`);
});

const ofRds = missingApart(
  (violation) =>
    new AwsError(
      'InvalidParameterValue',
      `Invalid value '${textOf(violation)}' for ${plainPath(violation.path)}. ${demanded(violation.demand)}.`,
    ),
);

function isInBody({ operation, constraints }: Refused, { path: [first] }: Violation): boolean {
  const outside = constraints.shapes[constraints.operations[operation] ?? '']?.outside ?? [];
  return first !== undefined && 'member' in first && !outside.includes(first.member);
}

const ofRoute53: Refusal = (refused) => {
  const [first] = refused.violations;
  const text = isInBody(refused, first) ? `Invalid XML ; ${inXml(first)}` : validationErrors(refused.violations);
  return new AwsError('InvalidInput', text);
};

/** What a validating XML parser says. */
function inXml({ demand, path, shape, value }: Violation): string {
  const is = `is not facet-valid with respect to`;
  const shown = `Value '${textOf({ value } as Violation)}'`;
  switch (demand.kind) {
    case 'required': {
      const [parent, member] = [path.at(-2), path.at(-1)];
      const name = parent !== undefined && 'member' in parent ? parent.member : shape;
      const expected = member !== undefined && 'member' in member ? member.member : '';
      return `cvc-complex-type.2.4.b: The content of element '${name}' is not complete. One of '{"https://route53.amazonaws.com/doc/2013-04-01/":${expected}}' is expected.`;
    }
    case 'pattern':
      return `cvc-pattern-valid: ${shown} ${is} pattern '${demand.pattern}' for type '${shape}'.`;
    case 'values':
      return `cvc-enumeration-valid: ${shown} ${is} enumeration '[${demand.values.join(', ')}]'. It must be a value from the enumeration.`;
    case 'maxLength':
    case 'minLength':
      return `cvc-${demand.kind}-valid: ${shown} with length = '${typeof value === 'string' ? value.length : 0}' ${is} ${demand.kind} '${demand.limit}' for type '${shape}'.`;
    case 'maxValue':
      return `cvc-maxInclusive-valid: ${shown} ${is} maxInclusive '${demand.limit}' for type '${shape}'.`;
    case 'minValue':
      return `cvc-minInclusive-valid: ${shown} ${is} minInclusive '${demand.limit}' for type '${shape}'.`;
  }
}

/** S3's own codes. Source: S3 API Reference, "Error responses". */
const ofS3: Refusal = (refused) => {
  const [first] = refused.violations;
  if (first.shape === 'StorageClass' && first.demand.kind === 'values') {
    return new AwsError('InvalidStorageClass', 'The storage class you specified is not valid');
  }
  if (isInBody(refused, first)) {
    return new AwsError(
      'MalformedXML',
      'The XML you provided was not well-formed or did not validate against our published schema',
      { fields: { Path: plainPath(first.path) } },
    );
  }
  if (first.demand.kind === 'required') {
    return new AwsError('InvalidRequest', `The request must contain the parameter ${plainPath(first.path)}.`);
  }
  if (first.shape === 'CopySource') {
    return new AwsError(
      'InvalidArgument',
      'Copy Source must mention the source bucket and key: sourcebucket/sourcekey',
      { fields: { ArgumentName: 'x-amz-copy-source', ArgumentValue: textOf(first) } },
    );
  }
  return new AwsError('InvalidArgument', `${coralPath(first.path)}: ${demanded(first.demand)}`, {
    fields: { ArgumentName: plainPath(first.path), ArgumentValue: textOf(first) },
  });
};

const refusals: Readonly<Record<ServiceName, Refusal>> = {
  acm: inCommonWords('ValidationException'),
  autoscaling: inCommonWords('ValidationError'),
  cloudformation: inCommonWords('ValidationError'),
  dynamodb: inCommonWords('ValidationException'),
  ec2: ofEc2,
  elasticloadbalancing: inCommonWords('ValidationError'),
  events: inCommonWords('ValidationException'),
  globalaccelerator: inCommonWords('InvalidArgumentException'),
  iam: inCommonWords('ValidationError'),
  kms: inCommonWords('ValidationException'),
  lambda: inCommonWords('ValidationException'),
  logs: inCommonWords('InvalidParameterException'),
  monitoring: inCommonWords('ValidationError'),
  rds: ofRds,
  route53: ofRoute53,
  s3: ofS3,
  scheduler: inCommonWords('ValidationException'),
  secretsmanager: inCommonWords('ValidationException'),
  sns: inCommonWords('ValidationError'),
  sqs: missingApart(
    ({ path, demand }) => new AwsError('InvalidParameterValue', `${plainPath(path)}: ${demanded(demand)}`),
  ),
  ssm: inCommonWords('ValidationException'),
  states: inCommonWords('ValidationException'),
  sts: inCommonWords('ValidationError'),
};
