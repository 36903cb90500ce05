/** Templates that are refused before anything is made: in CloudFormation's words, with the path of what is wrong. */

import { expect, test } from 'vitest';
import { createCloudFormationService } from '../../../src/sandbox/services/cloudformation/operations.ts';
import { createEc2Service } from '../../../src/sandbox/services/ec2/service.ts';
import { testSandbox } from '../../support/test-sandbox.ts';

const topic = { Type: 'AWS::SNS::Topic' };
const named = (TopicName: unknown) => ({ Resources: { A: { ...topic, Properties: { TopicName } } } });

test.each<[what: string, template: object | string, sentence: string]>([
  ['JSON that breaks off', '{"Resources":', 'Template format error: JSON not well-formed. (line 1, column 14)'],
  [
    'JSON with a comma too many',
    '{\n "Resources": {\n  "A": {},\n }\n}',
    'Template format error: JSON not well-formed. (line 4, column 2)',
  ],
  [
    'YAML that can not be read',
    'Resources:\n  A: [\n  Type: x\n',
    'Template format error: YAML not well-formed. (line ',
  ],
  [
    'a short form nobody knows',
    'Resources:\n  A: !Frob x\n',
    'Template format error: YAML not well-formed. (line 2, column 6)',
  ],
  ['no object', '[]', 'Template format error: unsupported structure.'],
  [
    'a section nobody knows',
    { Resources: { A: topic }, Extras: {} },
    'Invalid template property or properties [Extras]',
  ],
  ['no resources', { Resources: {} }, 'Template format error: At least one Resources member must be defined.'],
  [
    'a version nobody knows',
    { AWSTemplateFormatVersion: '2011-01-01', Resources: { A: topic } },
    'Template format error: unsupported value for AWSTemplateFormatVersion',
  ],
  [
    'a name with a dash',
    { Resources: { 'a-b': topic } },
    'Template format error: Resources name a-b is non alphanumeric. (at Resources)',
  ],
  [
    'no type',
    { Resources: { A: { Properties: {} } } },
    'Template format error: [/Resources/A] Every Resources object must contain a Type member.',
  ],
  [
    'nothing for a value',
    named(null),
    "[/Resources/A/Properties/TopicName] 'null' values are not allowed in templates",
  ],
  [
    'a member no resource has',
    { Resources: { A: { ...topic, Propertys: {} } } },
    'Invalid or unsupported resource attribute: Propertys (at Resources/A)',
  ],
  [
    'a type nobody knows',
    { Resources: { A: { Type: 'AWS::Nothing::Here' } } },
    'Template format error: Unrecognized resource types: [AWS::Nothing::Here]',
  ],
  [
    'a property the sandbox does not have',
    { Resources: { A: { ...topic, Properties: { Colour: 'red' } } } },
    "Template error: AWS::SNS::Topic doesn't support the property Colour in the sandbox (at Resources/A/Properties)",
  ],
  [
    'a reference to nothing',
    named({ Ref: 'Nothing' }),
    'Template format error: Unresolved resource dependencies [Nothing] in the Resources block of the template (at Resources/A/Properties/TopicName)',
  ],
  [
    'an output of nothing',
    { Resources: { A: topic }, Outputs: { O: { Value: { Ref: 'Nothing' } } } },
    'Template format error: Unresolved resource dependencies [Nothing] in the Outputs block of the template (at Outputs/O/Value)',
  ],
  [
    'an attribute of nothing',
    named({ 'Fn::GetAtt': ['Nothing', 'Arn'] }),
    'Template error: instance of Fn::GetAtt references undefined resource Nothing (at Resources/A/Properties/TopicName)',
  ],
  [
    'an attribute nobody has',
    { Resources: { A: topic, B: { ...topic, Properties: { TopicName: { 'Fn::GetAtt': ['A', 'Colour'] } } } } },
    'Template error: resource A does not support attribute type Colour in Fn::GetAtt (at Resources/B/Properties/TopicName)',
  ],
  [
    'a dependency on nothing',
    { Resources: { A: { ...topic, DependsOn: 'Nothing' } } },
    'Template format error: Unresolved resource dependencies [Nothing] in the Resources block of the template',
  ],
  [
    'a circle',
    { Resources: { A: { ...topic, DependsOn: 'B' }, B: { ...topic, DependsOn: 'A' } } },
    'Circular dependency between resources: [A, B]',
  ],
  ['a resource that waits for itself', named({ Ref: 'A' }), 'Circular dependency between resources: [A]'],
  [
    'a condition that is not there',
    { Resources: { A: { ...topic, Condition: 'Never' } } },
    'Template format error: Unresolved condition dependency Never in the Resources block of the template (at Resources/A)',
  ],
  [
    'a condition on itself',
    { Conditions: { C: { 'Fn::Not': [{ Condition: 'C' }] } }, Resources: { A: topic } },
    'Template format error: Circular dependency between conditions: [C]',
  ],
  [
    'a comparison of one value',
    { Conditions: { C: { 'Fn::Equals': ['a'] } }, Resources: { A: topic } },
    'Template error: every Fn::Equals object requires a list of two string parameters. (at Conditions/C)',
  ],
  [
    'a parameter type nobody knows',
    { Parameters: { P: { Type: 'Colour' } }, Resources: { A: topic } },
    'Template format error: Unrecognized parameter type: Colour (at Parameters/P)',
  ],
  [
    'a parameter without a value',
    { Parameters: { P: { Type: 'String' } }, Resources: { A: topic } },
    'Parameters: [P] must have values',
  ],
  [
    'an output without a value',
    { Resources: { A: topic }, Outputs: { O: {} } },
    'Template format error: Output O is malformed. The Value field is required.',
  ],
  [
    'more than a request holds',
    { Description: 'x'.repeat(51_200), Resources: { A: topic } },
    "1 validation error detected: Value '{",
  ],
])('%s', async (_what, template, sentence) => {
  const sandbox = testSandbox([createCloudFormationService, (core) => createEc2Service(core, { images: {} })]);
  const TemplateBody = typeof template === 'string' ? template : JSON.stringify(template);
  const error: unknown = await sandbox
    .call('cloudformation', 'CreateStack', { StackName: 's', TemplateBody })
    .catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'ValidationError' });
  expect((error as Error).message.slice(0, sentence.length)).toBe(sentence);
  expect(await sandbox.call('cloudformation', 'DescribeStacks', {})).toMatchObject({ Stacks: [] });
});
