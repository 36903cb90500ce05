import { describe, expect, it } from 'vitest';
import { conditionsOf } from '../../../src/sandbox/cloudformation/conditions.ts';
import type { Scope } from '../../../src/sandbox/cloudformation/intrinsics.ts';
import { evaluate, knownAfterApply, noValue } from '../../../src/sandbox/cloudformation/intrinsics.ts';
import type { Json } from '../../../src/sandbox/cloudformation/json.ts';
import { referencesIn } from '../../../src/sandbox/cloudformation/references.ts';
import { parseTemplate } from '../../../src/sandbox/cloudformation/template.ts';

const refs: Record<string, Json> = {
  'AWS::Region': 'us-east-1',
  Name: 'photos',
  List: ['a', 'b', 'c'],
  Later: knownAfterApply,
};
const without: Omit<Scope, 'condition'> = {
  ref: (name) => (name === 'AWS::NoValue' ? noValue : refs[name]),
  attribute: (id, name) => (id === 'Db' && name === 'Endpoint.Port' ? '3306' : undefined),
  mappings: { Sizes: { 'us-east-1': { instance: 'm', list: ['x', 'y'] } } },
  importValue: (name) => `imported ${name}`,
  zones: (region) => [`${region}a`, `${region}b`],
};
const conditions = {
  IsPhotos: { 'Fn::Equals': [{ Ref: 'Name' }, 'photos'] },
  NotPhotos: { 'Fn::Not': [{ Condition: 'IsPhotos' }] },
  Both: { 'Fn::And': [{ Condition: 'IsPhotos' }, { 'Fn::Equals': ['1', 1] }] },
  Either: { 'Fn::Or': [{ Condition: 'NotPhotos' }, { Condition: 'Both' }] },
  Loop: { 'Fn::Not': [{ Condition: 'Loop' }] },
};
const scope: Scope = { ...without, condition: conditionsOf(conditions, without) };

describe('intrinsic functions', () => {
  const table: [string, Json, Json | undefined][] = [
    ['Ref', { Ref: 'Name' }, 'photos'],
    ['Ref of a list', { Ref: 'List' }, ['a', 'b', 'c']],
    ['no value in an object', { A: { Ref: 'AWS::NoValue' }, B: 1 }, { B: 1 }],
    ['no value in a list', ['x', { Ref: 'AWS::NoValue' }], ['x']],
    ['GetAtt', { 'Fn::GetAtt': ['Db', 'Endpoint.Port'] }, '3306'],
    ['GetAtt as text', { 'Fn::GetAtt': 'Db.Endpoint.Port' }, '3306'],
    ['Sub', { 'Fn::Sub': '${Name}:${Db.Endpoint.Port} ${!Name} ${AWS::Region}' }, 'photos:3306 ${Name} us-east-1'],
    ['Sub with variables', { 'Fn::Sub': ['${a}-${Name}', { a: { Ref: 'Name' } }] }, 'photos-photos'],
    ['Join', { 'Fn::Join': ['-', ['x', 2, { Ref: 'Name' }]] }, 'x-2-photos'],
    ['Join of a list', { 'Fn::Join': [',', { Ref: 'List' }] }, 'a,b,c'],
    ['Select', { 'Fn::Select': ['1', { Ref: 'List' }] }, 'b'],
    ['Split', { 'Fn::Split': ['/', 'a/b'] }, ['a', 'b']],
    ['Select of Split', { 'Fn::Select': [1, { 'Fn::Split': ['o', { Ref: 'Name' }] }] }, 't'],
    ['If', { 'Fn::If': ['IsPhotos', 'yes', { Ref: 'Missing' }] }, 'yes'],
    ['If without a value', { 'Fn::If': ['NotPhotos', 'yes', { Ref: 'AWS::NoValue' }] }, undefined],
    ['And', { 'Fn::If': ['Both', 1, 2] }, 1],
    ['Or', { 'Fn::If': ['Either', 1, 2] }, 1],
    ['FindInMap', { 'Fn::FindInMap': ['Sizes', { Ref: 'AWS::Region' }, 'instance'] }, 'm'],
    ['FindInMap with a default', { 'Fn::FindInMap': ['Sizes', 'mars', 'instance', { DefaultValue: 'z' }] }, 'z'],
    ['ImportValue', { 'Fn::ImportValue': { 'Fn::Sub': '${Name}-arn' } }, 'imported photos-arn'],
    ['Base64', { 'Fn::Base64': 'hello' }, 'aGVsbG8='],
    ['Cidr', { 'Fn::Cidr': ['10.0.0.0/24', 3, 5] }, ['10.0.0.0/27', '10.0.0.32/27', '10.0.0.64/27']],
    ['Select of Cidr', { 'Fn::Select': [2, { 'Fn::Cidr': ['10.1.0.0/16', 4, 8] }] }, '10.1.2.0/24'],
    ['GetAZs here', { 'Fn::GetAZs': '' }, ['us-east-1a', 'us-east-1b']],
    ['GetAZs by Ref', { 'Fn::GetAZs': { Ref: 'AWS::Region' } }, ['us-east-1a', 'us-east-1b']],
    ['a key named Condition is data', { Condition: { Bool: 'x' } }, { Condition: { Bool: 'x' } }],
    ['unknown in Sub', { 'Fn::Sub': 'x${Later}' }, `x${knownAfterApply}`],
    ['unknown in Select of Split', { 'Fn::Select': [3, { 'Fn::Split': [':', { Ref: 'Later' }] }] }, knownAfterApply],
    ['unknown in Base64', { 'Fn::Base64': { Ref: 'Later' } }, knownAfterApply],
  ];
  it.each(table)('%s', (_, value, expected) => {
    expect(evaluate(value, scope, 'here')).toEqual(expected);
  });

  const broken: [string, Json, RegExp][] = [
    ['an unknown function', { A: { 'Fn::Transform': {} } }, /unsupported function Fn::Transform \(at here\/A\)/],
    ['a missing reference', { Ref: 'Nope' }, /\[Nope\]/],
    ['a selection out of range', { 'Fn::Select': [9, ['a']] }, /nonexistent value at index 9/],
    ['a missing mapping', { 'Fn::FindInMap': ['Sizes', 'mars', 'x'] }, /Unable to get mapping for Sizes::mars::x/],
    [
      'what every object has for a mapping',
      { 'Fn::FindInMap': ['Sizes', 'constructor', 'name'] },
      /Unable to get mapping for Sizes::constructor::name/,
    ],
    ['a structure in Join', { 'Fn::Join': ['', [{ a: 'b' }]] }, /a text is needed/],
    ['no room for the blocks', { 'Fn::Cidr': ['10.0.0.0/28', 4, 4] }, /no room/],
    ['a condition nobody declares', { 'Fn::If': ['Nope', 1, 2] }, /unresolved condition dependency Nope/],
    ['a condition on itself', { 'Fn::If': ['Loop', 1, 2] }, /Circular dependency between conditions: \[Loop\]/],
  ];
  it.each(broken)('refuses %s', (_, value, message) => {
    expect(() => evaluate(value, scope, 'here')).toThrow(message);
  });
});

it('finds references, leaving out the branch that does not apply', () => {
  const value: Json = {
    A: { 'Fn::If': ['IsPhotos', { Ref: 'Yes' }, { Ref: 'No' }] },
    B: { 'Fn::Sub': ['${Bucket.Arn}/${own}', { own: { 'Fn::GetAtt': ['Fn', 'Arn'] } }] },
  };
  const ids = (condition: typeof scope.condition | undefined) =>
    referencesIn(value, '', condition).map(({ logicalId }) => logicalId);
  expect(ids(scope.condition)).toEqual(['Yes', 'Bucket', 'Fn']);
  expect(ids(undefined)).toEqual(['Yes', 'No', 'Bucket', 'Fn']);
});

describe('templates', () => {
  it('reads YAML with short forms like the JSON it stands for', () => {
    const yaml = `
Resources:
  Q:
    Type: AWS::SQS::Queue
    Condition: Yes1
    DeletionPolicy: Retain
    Properties:
      QueueName: !Join ['-', [!Ref A, !Sub '\${A}', !GetAtt B.C.D, !Select [0, !Split [',', !Ref A]]]]
      Tags: !If [Yes1, [{Key: a, Value: !FindInMap [M, x, y]}], !Ref AWS::NoValue]
Conditions:
  Yes1: !Not [!Equals [!Ref A, b]]
`;
    const { resources, conditions: declared } = parseTemplate(yaml);
    expect(resources.Q?.properties).toEqual({
      QueueName: {
        'Fn::Join': [
          '-',
          [
            { Ref: 'A' },
            { 'Fn::Sub': '${A}' },
            { 'Fn::GetAtt': ['B', 'C.D'] },
            { 'Fn::Select': [0, { 'Fn::Split': [',', { Ref: 'A' }] }] },
          ],
        ],
      },
      Tags: {
        'Fn::If': ['Yes1', [{ Key: 'a', Value: { 'Fn::FindInMap': ['M', 'x', 'y'] } }], { Ref: 'AWS::NoValue' }],
      },
    });
    expect(declared).toEqual({ Yes1: { 'Fn::Not': [{ 'Fn::Equals': [{ Ref: 'A' }, 'b'] }] } });
    expect(resources.Q?.deletionPolicy).toBe('Retain');
  });

  const bad: [string, string, RegExp][] = [
    ['broken JSON', '{"a": ', /JSON not well-formed/],
    ['broken YAML', 'a: [b', /YAML not well-formed/],
    ['an unknown short form', 'Resources: !Foo x', /YAML not well-formed/],
    ['aliases', 'Resources: {A: &x {Type: y}, B: *x}', /aliases are not allowed/],
    ['an unknown section', '{"Resources": {"A": {"Type": "x"}}, "Stuff": {}}', /\[Stuff\]/],
    ['transforms', '{"Resources": {"A": {"Type": "x"}}, "Transform": "AWS::Serverless-2016-10-31"}', /transforms/],
    ['no resources', '{"Resources": {}}', /At least one Resources member/],
    [
      'an odd policy',
      '{"Resources": {"A": {"Type": "x", "DeletionPolicy": "Maybe"}}}',
      /unrecognized deletionPolicy "Maybe"/,
    ],
  ];
  it.each(bad)('refuses %s', (_, text, message) => {
    expect(() => parseTemplate(text)).toThrow(message);
  });
});
