import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { constraintsOf } from '../../../src/facts/constraints.ts';
import type { Principal, ServiceName } from '../../../src/sandbox/contract.ts';
import { AwsError } from '../../../src/sandbox/contract.ts';
import { apiOf, servicesOnTheWire } from '../../../src/sandbox/protocols/api.ts';
import { isExcepted } from '../../../src/sandbox/protocols/constraints/exceptions.ts';
import { modelConstraints } from '../../../src/sandbox/protocols/constraints/handler.ts';
import { fullMatch } from '../../../src/sandbox/protocols/constraints/java-pattern.ts';
import type { Shape } from '../../../src/sandbox/protocols/shapes.ts';
import { clients } from './clients.ts';

const ada: Principal = {
  kind: 'user',
  account: '111122223333',
  arn: 'arn:aws:iam::111122223333:user/ada',
  userName: 'ada',
};
const itself: Principal = { kind: 'internal', account: '111122223333', arn: 'events.amazonaws.com', service: 'events' };

/** `code: message`, or undefined when the input passes. */
function refusal(service: ServiceName, operation: string, input: unknown, principal = ada): string | undefined {
  const request = { service, operation, region: 'us-east-1', input, principal };
  try {
    void modelConstraints(request, { ...request, account: principal.account, from: 'outside', requestId: 'r' });
    return undefined;
  } catch (error) {
    return error instanceof AwsError ? `${error.code}: ${error.message}` : String(error);
  }
}

const role = 'arn:aws:iam::111122223333:role/r';
const onlyRoleName = { AssumeRolePolicyDocument: '{}' };

describe('what a model does not allow is refused in the words of the service', () => {
  test.each<[string, ServiceName, string, unknown, string]>([
    [
      'a length',
      'dynamodb',
      'UpdateTable',
      { TableName: 't', ProvisionedThroughput: { ReadCapacityUnits: 0, WriteCapacityUnits: 0 } },
      "ValidationException: 2 validation errors detected: Value '0' at 'provisionedThroughput.readCapacityUnits' failed to satisfy constraint: Member must have value greater than or equal to 1; Value '0' at 'provisionedThroughput.writeCapacityUnits' failed to satisfy constraint: Member must have value greater than or equal to 1",
    ],
    [
      'a value of an enumeration',
      'dynamodb',
      'GetItem',
      { TableName: 'table', Key: {}, ReturnConsumedCapacity: 'SOME' },
      "ValidationException: 1 validation error detected: Value 'SOME' at 'returnConsumedCapacity' failed to satisfy constraint: Member must satisfy enum value set: [INDEXES, TOTAL, NONE]",
    ],
    [
      'the number of values in a map',
      'dynamodb',
      'BatchWriteItem',
      { RequestItems: { table: [] } },
      "ValidationException: 1 validation error detected: Value '{table=[]}' at 'requestItems' failed to satisfy constraint: Map value must satisfy constraint: [Member must have length less than or equal to 25, Member must have length greater than or equal to 1]",
    ],
    [
      'a pattern and a length at once',
      'logs',
      'CreateLogGroup',
      { logGroupName: '' },
      "InvalidParameterException: 2 validation errors detected: Value '' at 'logGroupName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+; Value '' at 'logGroupName' failed to satisfy constraint: Member must have length greater than or equal to 1",
    ],
    [
      'a member of an item of a list',
      'events',
      'PutTargets',
      {
        Rule: 'r',
        Targets: [
          { Id: 'one', Arn: 'a' },
          { Id: 't w o', Arn: 'a' },
        ],
      },
      "ValidationException: 1 validation error detected: Value 't w o' at 'targets.2.member.id' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+",
    ],
    [
      'plain items of a list',
      'autoscaling',
      'AttachLoadBalancerTargetGroups',
      { AutoScalingGroupName: 'g', TargetGroupARNs: [''] },
      "ValidationError: 1 validation error detected: Value '[]' at 'targetGroupARNs' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 511, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: [\\u0020-\\uD7FF\\uE000-\\uFFFD\\uD800\\uDC00-\\uDBFF\\uDFFF\\r\\n\\t]*]",
    ],
    [
      'a range in a form',
      'sts',
      'AssumeRole',
      { RoleArn: role.padEnd(20), RoleSessionName: 's p', DurationSeconds: 1 },
      "ValidationError: 2 validation errors detected: Value 's p' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*; Value '1' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900",
    ],
    [
      'a missing member',
      'iam',
      'CreateRole',
      onlyRoleName,
      "ValidationError: 1 validation error detected: Value null at 'roleName' failed to satisfy constraint: Member must not be null",
    ],
    [
      'a sensitive value, which is not repeated',
      'kms',
      'Encrypt',
      { KeyId: 'k', Plaintext: new Uint8Array(4097) },
      "ValidationException: 1 validation error detected: Value at 'plaintext' failed to satisfy constraint: Member must have length less than or equal to 4096",
    ],
    [
      'a path of REST',
      'lambda',
      'GetFunction',
      { FunctionName: 'a b' },
      expect.stringContaining(
        "ValidationException: 1 validation error detected: Value 'a b' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern: (arn:(aws[a-zA-Z-]*)?:lambda:)?",
      ),
    ],
    [
      'a path of Route 53',
      'route53',
      'GetHostedZone',
      { Id: '/hostedzone/Z09546752YPG9QI64P1DF' },
      "InvalidInput: 1 validation error detected: Value '/hostedzone/Z09546752YPG9QI64P1DF' at 'id' failed to satisfy constraint: Member must have length less than or equal to 32",
    ],
    [
      'a body of Route 53',
      'route53',
      'ChangeResourceRecordSets',
      {
        HostedZoneId: 'Z1',
        ChangeBatch: {
          Changes: [
            {
              Action: 'UPSERT',
              ResourceRecordSet: {
                Name: 'a.example.com',
                Type: 'A',
                AliasTarget: {
                  HostedZoneId: 'vpce-0bd0cf7081a1a0f93-jtogpkxk.vpce',
                  DNSName: 'd',
                  EvaluateTargetHealth: false,
                },
              },
            },
          ],
        },
      },
      "InvalidInput: Invalid XML ; cvc-maxLength-valid: Value 'vpce-0bd0cf7081a1a0f93-jtogpkxk.vpce' with length = '36' is not facet-valid with respect to maxLength '32' for type 'ResourceId'.",
    ],
    [
      'an element Route 53 misses',
      'route53',
      'ChangeResourceRecordSets',
      { HostedZoneId: 'Z1', ChangeBatch: { Changes: [{ Action: 'UPSERT', ResourceRecordSet: { Name: 'a' } }] } },
      "InvalidInput: Invalid XML ; cvc-complex-type.2.4.b: The content of element 'ResourceRecordSet' is not complete. One of '{\"https://route53.amazonaws.com/doc/2013-04-01/\":Type}' is expected.",
    ],
    [
      'a page of EC2',
      'ec2',
      'DescribeVpcs',
      { MaxResults: 2000 },
      'InvalidParameterValue: Value ( 2000 ) for parameter MaxResults is invalid. Expecting a value smaller than or equal to 1000.',
    ],
    [
      'a missing parameter of EC2',
      'ec2',
      'CreateSubnet',
      {},
      'MissingParameter: The request must contain the parameter VpcId.',
    ],
    [
      'a missing parameter of SQS',
      'sqs',
      'CreateQueue',
      {},
      'MissingParameter: The request must contain the parameter QueueName.',
    ],
    [
      "S3's storage class",
      's3',
      'PutObject',
      { Bucket: 'b', Key: 'k', StorageClass: 'COLD' },
      'InvalidStorageClass: The storage class you specified is not valid',
    ],
    [
      "a document of S3's",
      's3',
      'PutBucketVersioning',
      { Bucket: 'b', VersioningConfiguration: { Status: 'On' } },
      'MalformedXML: The XML you provided was not well-formed or did not validate against our published schema',
    ],
  ])('%s (%s %s)', (_what, service, operation, input, expected) => {
    expect(refusal(service, operation, input)).toEqual(expected);
  });
});

test('what the model allows passes, and AWS itself is not held to it', () => {
  expect(refusal('iam', 'CreateRole', { ...onlyRoleName, RoleName: 'r' })).toBeUndefined();
  expect(refusal('events', 'PutRule', { Name: 'a b' }, itself)).toBeUndefined();
});

test("IAM's names are refused by IAM itself, whose words differ", () => {
  expect(refusal('iam', 'CreateRole', { ...onlyRoleName, RoleName: 'a b' })).toBeUndefined();
});

// docs/coverage.md is what the services say they serve; a test of its own holds it to that.
const coverage = readFileSync(join(import.meta.dirname, '../../../docs/coverage.md'), 'utf8');
const served = [...coverage.matchAll(/^\*\*(\w+)\*\* \(\d+\): (.*)$/gm)].map(
  ([, service = '', names = '']): [ServiceName, string[]] => [service as ServiceName, names.split(', ')],
);

describe('the tables (node setup/constraints.mjs writes them)', () => {
  test('cover every service', () => {
    expect(served.map(([service]) => service).sort()).toEqual([...servicesOnTheWire].sort());
  });

  test.each(served)('know every required member and every name the SDK knows: %s', async (service, names) => {
    const { operations, shapes } = constraintsOf(service);
    const api = await apiOf(service);
    const [exported] = clients[service];
    const seen = new Set<string>();
    const compare = (name: string | undefined, shape: Shape | undefined): void => {
      const facts = name === undefined ? undefined : shapes[name];
      if (name === undefined || facts === undefined || shape === undefined || seen.has(name)) return;
      seen.add(name);
      const values = exported[name] as object | undefined;
      if (facts.values !== undefined && values !== undefined) {
        expect(facts.values, name).toEqual(expect.arrayContaining(Object.values(values)));
      }
      if (facts.pattern !== undefined) expect(() => fullMatch(facts.pattern ?? '', 'text')).not.toThrow();
      if (shape.kind === 'list') compare(facts.item, shape.item.shape);
      if (shape.kind === 'map') compare(facts.value, shape.value.shape);
      if (shape.kind !== 'structure') return;
      for (const member of [...(facts.required ?? []), ...Object.keys(facts.members ?? {})]) {
        expect(shape.byName.has(member), `${name}.${member}`).toBe(true);
      }
      for (const [member, target] of Object.entries(facts.members ?? {})) {
        compare(target, shape.byName.get(member)?.shape);
      }
    };
    for (const operation of names) {
      const input = api.operations.get(operation)?.input;
      const required = input?.members.filter(({ required }) => required).map(({ name }) => name) ?? [];
      const shape = operations[operation] ?? '';
      const known = (shapes[shape]?.required ?? [])
        .filter((name) => !isExcepted(service, `${shape}.${name}`, 'required'))
        // Required, but never asked of whoever calls: clients make one up.
        .filter((name) => name !== 'IdempotencyToken' || required.includes(name));
      expect(known.sort(), operation).toEqual(required.sort());
      compare(operations[operation], input);
    }
  });
});
