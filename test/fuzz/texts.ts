/** Strings that software trips over, names that exist in the fuzzed sandbox, and documents inside of strings, whole and damaged. */

import type { Draw } from './draw.ts';

/** Text for a member, by its name: mostly something of the right kind. */
export function textFor(draw: Draw, member: string, known: ReadonlyMap<string, readonly string[]>): string {
  const names = known.get(member.toLowerCase());
  if (names !== undefined && !draw.once(5)) return draw.of(names);
  const document = documents.find(([pattern]) => pattern.test(member));
  if (document !== undefined && !draw.once(6)) return damaged(draw, draw.of(document[1]));
  if (draw.once(3)) return draw.of([...known.values()].flat());
  return draw.once(3) ? noise(draw) : draw.of(odd);
}

/** Any characters, also half of a surrogate pair. */
export function noise(draw: Draw, longest = 24): string {
  return String.fromCharCode(
    ...Array.from({ length: draw.below(longest) }, () => draw.below(draw.once(4) ? 65_536 : 128)),
  );
}

const odd: readonly string[] = [
  '',
  ' ',
  '-1',
  '0',
  '1e999',
  'NaN',
  '9007199254740993',
  'null',
  'undefined',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '../../../etc/passwd',
  '/',
  '//',
  '.',
  '..',
  '*',
  '%',
  '%00',
  '%zz',
  '\0',
  '\r\nx-injected: 1',
  '\u2028',
  '\ud800',
  '💥',
  'a'.repeat(300),
  'a'.repeat(3000),
  'arn:',
  'arn:aws:',
  'arn:aws:::::',
  'arn:aws:iam::111122223333:role/nobody',
  'arn:aws:sqs:us-east-1:111122223333:nothing',
  'arn:aws:lambda:us-east-1:111122223333:function:nothing',
  'arn:aws:s3:::nothing',
  'http://127.0.0.1:1/111122223333/nothing',
  '2026-13-45T99:99:99Z',
  'rate(0 minutes)',
  'cron(* * * * ? *)',
  '((((((((((((((((((((',
  '(a+)+$',
  '{{resolve:ssm:/fuzz/parameter}}',
  '${AWS::Region}',
  '$.a[?(@.b)]',
  '{% $x %}',
  '0.0.0.0/0',
  '10.0.0.0/99',
  '::/0',
  'true',
  '{}',
  '[]',
  '"',
];

const stringified = (...values: readonly unknown[]): string[] => values.map((value) => JSON.stringify(value));

const documents: readonly (readonly [RegExp, readonly string[]])[] = [
  [
    /^TemplateBody$/,
    [
      ...stringified(
        {
          Parameters: { P: { Type: 'String', Default: 'x' }, S: { Type: 'AWS::SSM::Parameter::Value<String>' } },
          Conditions: { C: { 'Fn::Equals': [{ Ref: 'P' }, 'x'] } },
          Mappings: { M: { a: { b: 'c' } } },
          Resources: {
            Q: { Type: 'AWS::SQS::Queue', Condition: 'C', DependsOn: ['T'] },
            T: {
              Type: 'AWS::SNS::Topic',
              Properties: { TopicName: { 'Fn::Sub': ['${P}-${V}', { V: { 'Fn::FindInMap': ['M', 'a', 'b'] } }] } },
            },
          },
          Outputs: { O: { Value: { 'Fn::GetAtt': ['Q', 'Arn'] }, Export: { Name: 'fuzz-export' } } },
        },
        {
          Resources: {
            L: { Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Value: 'v', Name: '/fuzz/t' } },
          },
        },
      ),
      'Resources:\n  Q:\n    Type: AWS::SQS::Queue\n    Properties:\n      QueueName: !Sub "${AWS::StackName}-q"\n',
      'a: &a [x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c]\nResources: [*d,*d,*d,*d,*d,*d,*d,*d]\n',
    ],
  ],
  [
    /^definition$/i,
    stringified(
      {
        StartAt: 'A',
        States: {
          A: { Type: 'Pass', Result: { x: 1 }, ResultPath: '$.r', Next: 'B' },
          B: { Type: 'Choice', Choices: [{ Variable: '$.r.x', NumericEquals: 1, Next: 'C' }], Default: 'D' },
          C: {
            Type: 'Map',
            ItemsPath: '$.l',
            ItemProcessor: { StartAt: 'M', States: { M: { Type: 'Pass', End: true } } },
            Next: 'D',
          },
          D: {
            Type: 'Task',
            Resource: 'arn:aws:states:::aws-sdk:ssm:getParameter',
            Parameters: { 'Name.$': '$.n' },
            Retry: [{ ErrorEquals: ['States.ALL'], MaxAttempts: 2 }],
            End: true,
          },
        },
      },
      {
        QueryLanguage: 'JSONata',
        StartAt: 'A',
        States: {
          A: { Type: 'Pass', Output: '{% $states.input.a %}', Assign: { v: '{% 1 %}' }, Next: 'W' },
          W: { Type: 'Wait', Seconds: '{% $v %}', End: true },
        },
      },
    ),
  ],
  [
    /Policy(Document|Text)?$|^(resource)?Policy$/i,
    stringified(
      {
        Version: '2012-10-17',
        Statement: [
          {
            Sid: 'S',
            Effect: 'Allow',
            Principal: { AWS: '*' },
            Action: ['s3:Get*', 'sqs:*'],
            Resource: 'arn:aws:s3:::fuzz-bucket/${aws:username}/*',
            Condition: { StringLike: { 'aws:SourceArn': 'arn:*' }, IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } },
          },
        ],
      },
      {
        Version: '2012-10-17',
        Statement: { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' },
      },
    ),
  ],
  [
    /Pattern$|^FilterPolicy$/,
    stringified(
      {
        source: ['aws.ssm'],
        detail: { name: [{ prefix: '/a' }], n: [{ numeric: ['>', 0, '<=', 5] }], w: [{ wildcard: 'a*b*' }] },
      },
      { $or: [{ a: [{ exists: true }] }, { b: [{ 'anything-but': { suffix: 'x' } }] }], ip: [{ cidr: '10.0.0.0/8' }] },
    ),
  ],
  [
    /^(Event|Input|Payload|Detail|DashboardBody|SecretString|InputTransformer|output|cause)$/i,
    stringified(
      { id: '1', source: 's', account: '1', time: '2026-01-01T00:00:00Z', detail: { a: [1, null, 'x'] } },
      null,
      [],
      1,
    ),
  ],
  [
    /ScheduleExpression$/,
    ['rate(5 minutes)', 'cron(0 12 * * ? *)', 'at(2026-12-01T00:00:00)', 'cron(0/5 8-17 ? * MON-FRI 2026-2030)'],
  ],
  [
    /Expression$|^(Filter|Projection)Expression$/,
    [
      '#a = :v',
      'SET #a = if_not_exists(#a, :v) + :v REMOVE b[0]',
      'attribute_exists(a) AND NOT (b BETWEEN :v AND :w) OR size(c) > :v',
      'pk = :v AND begins_with(sk, :w)',
    ],
  ],
  [/^AlarmRule$/, ['ALARM("a") AND NOT (OK(b) OR INSUFFICIENT_DATA(c))', 'TRUE']],
  [/^(UserData|SecretBinary|ZipFile|Plaintext|CiphertextBlob)$/, ['UEsDBAoAAAAAAA==', 'AAAA', '====']],
];

/** A document with a part of it gone, doubled or replaced; one in three as it is. */
function damaged(draw: Draw, text: string): string {
  const kind = draw.below(6);
  if (kind < 2) return text;
  const at = draw.below(text.length + 1);
  if (kind === 2) return text.slice(0, at);
  if (kind === 3) return text.slice(0, at) + noise(draw, 6) + text.slice(at + draw.below(6));
  if (kind === 4) return text.slice(0, at) + text.slice(draw.below(text.length + 1));
  const parts = text.match(/"[^"]*"|[[\]{}:,]|[^"[\]{}:,]+/g) ?? [text];
  const place = draw.below(parts.length);
  const other = draw.of([
    'null',
    '{}',
    '[]',
    '-1',
    '1e99',
    'true',
    '"x"',
    '[[[[[[]]]]]]',
    '{"Ref":"P"}',
    '{"Fn::Sub":"${"}',
    parts[draw.below(parts.length)] ?? '',
  ]);
  return parts.map((part, index) => (index === place ? other : part)).join('');
}
