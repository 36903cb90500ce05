/** CloudFormation: stacks, outputs and exports, change sets, rollback, protection, and templates that are refused. */

import {
  ChangeSetNotFoundException,
  CloudFormationClient,
  CreateChangeSetCommand,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeChangeSetCommand,
  DescribeStackResourceCommand,
  DescribeStacksCommand,
  ExecuteChangeSetCommand,
  GetTemplateCommand,
  paginateDescribeStackEvents,
  paginateListExports,
  paginateListStackResources,
  UpdateStackCommand,
  UpdateTerminationProtectionCommand,
  ValidateTemplateCommand,
  waitUntilChangeSetCreateComplete,
  waitUntilStackCreateComplete,
  waitUntilStackDeleteComplete,
  waitUntilStackUpdateComplete,
} from '@aws-sdk/client-cloudformation';
import { GetParameterCommand, ParameterNotFound, SSMClient } from '@aws-sdk/client-ssm';
import { expect } from 'vitest';
import type { ContractTarget } from '../contract.ts';
import { contractCase, pagesOf, refused } from '../contract.ts';

const parameter = (Value: unknown) => ({ Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Value } });

export const cloudformation = [
  contractCase(
    'a stack is made, changed by a change set, and leaves nothing',
    async (target) => {
      const { client, StackName, waiting } = stackOf(target);
      const template = (Value: string) => ({
        Parameters: { Suffix: { Type: 'String', Default: '!' } },
        Resources: { P: parameter({ 'Fn::Sub': `${Value}\${Suffix}` }) },
        Outputs: { Name: { Value: { Ref: 'P' }, Export: { Name: StackName } } },
      });
      await client.send(
        new CreateStackCommand({
          StackName,
          TemplateBody: JSON.stringify(template('one')),
          Tags: [{ Key: 'k', Value: 'v' }],
        }),
      );
      expect((await waitUntilStackCreateComplete(waiting, { StackName })).state).toBe('SUCCESS');
      const { Stacks: [stack] = [] } = await client.send(new DescribeStacksCommand({ StackName }));
      const Name = stack?.Outputs?.[0]?.OutputValue ?? '';
      expect(stack).toMatchObject({
        StackStatus: 'CREATE_COMPLETE',
        Tags: [{ Key: 'k', Value: 'v' }],
        Parameters: [{ ParameterKey: 'Suffix', ParameterValue: '!' }],
        Outputs: [{ OutputKey: 'Name', ExportName: StackName }],
      });
      const ssm = target.client(SSMClient);
      const value = async () => (await ssm.send(new GetParameterCommand({ Name }))).Parameter?.Value;
      expect(await value()).toBe('one!');
      const exported = (await pagesOf(paginateListExports({ client }, {}))).flatMap((page) => page.Exports ?? []);
      expect(exported).toContainEqual({ ExportingStackId: stack?.StackId, Name: StackName, Value: Name });
      await refused(
        client.send(new CreateStackCommand({ StackName, TemplateBody: JSON.stringify(template('x')) })),
        'AlreadyExistsException',
        400,
      );

      const change = { StackName, ChangeSetName: 'change' };
      await client.send(
        new CreateChangeSetCommand({
          ...change,
          TemplateBody: JSON.stringify(template('two')),
          Parameters: [{ ParameterKey: 'Suffix', ParameterValue: '?' }],
        }),
      );
      await waitUntilChangeSetCreateComplete(waiting, change);
      const described = await client.send(new DescribeChangeSetCommand(change));
      expect(described.Changes).toMatchObject([
        { Type: 'Resource', ResourceChange: { Action: 'Modify', LogicalResourceId: 'P', Replacement: 'False' } },
      ]);
      await client.send(new ExecuteChangeSetCommand(change));
      await waitUntilStackUpdateComplete(waiting, { StackName });
      expect(await value()).toBe('two?');
      const same = { StackName, ChangeSetName: 'same' };
      await client.send(
        new CreateChangeSetCommand({
          ...same,
          UsePreviousTemplate: true,
          Parameters: [{ ParameterKey: 'Suffix', UsePreviousValue: true }],
        }),
      );
      const failed = await target.eventually(async () => {
        const given = await client.send(new DescribeChangeSetCommand(same));
        expect(given.Status).toBe('FAILED');
        return given;
      });
      expect(failed.StatusReason).toMatch(/didn't contain changes|No updates are to be performed/);
      await refused(
        client.send(
          new UpdateStackCommand({
            StackName,
            UsePreviousTemplate: true,
            Parameters: [{ ParameterKey: 'Suffix', UsePreviousValue: true }],
          }),
        ),
        'ValidationError',
        400,
        { message: 'No updates are to be performed.' },
      );
      const kept = await client.send(new GetTemplateCommand({ StackName }));
      expect(JSON.parse(kept.TemplateBody ?? '')).toEqual(template('two'));
      const resources = (await pagesOf(paginateListStackResources({ client }, { StackName }))).flatMap(
        (page) => page.StackResourceSummaries ?? [],
      );
      expect(resources).toMatchObject([
        { LogicalResourceId: 'P', PhysicalResourceId: Name, ResourceStatus: 'UPDATE_COMPLETE' },
      ]);
      const events = (await pagesOf(paginateDescribeStackEvents({ client }, { StackName }))).flatMap(
        (page) => page.StackEvents ?? [],
      );
      expect(events.at(-1)).toMatchObject({
        LogicalResourceId: StackName,
        ResourceStatus: 'CREATE_IN_PROGRESS',
        ResourceStatusReason: 'User Initiated',
      });

      await client.send(new DeleteStackCommand({ StackName }));
      await waitUntilStackDeleteComplete(waiting, { StackName: stack?.StackId });
      await refused(ssm.send(new GetParameterCommand({ Name })), ParameterNotFound, 400);
      await refused(client.send(new DescribeStacksCommand({ StackName })), 'ValidationError', 400, {
        message: `Stack with id ${StackName} does not exist`,
      });
    },
    { minutes: 4 },
  ),

  contractCase(
    'what fails is rolled back, at creation and at an update',
    async (target) => {
      const { client, StackName, waiting } = stackOf(target);
      const bad = {
        Type: 'AWS::SSM::Parameter',
        Properties: { Type: 'String', Value: 'x', AllowedPattern: '^y$' },
        DependsOn: 'P',
      };
      const first = { Resources: { P: parameter('one'), Bad: bad } };
      await client.send(new CreateStackCommand({ StackName, TemplateBody: JSON.stringify(first) }));
      const status = (wanted: string) =>
        target.eventually(async () => {
          const { Stacks: [stack] = [] } = await client.send(new DescribeStacksCommand({ StackName }));
          expect(stack?.StackStatus).toBe(wanted);
        });
      await status('ROLLBACK_COMPLETE');
      await refused(
        client.send(new UpdateStackCommand({ StackName, TemplateBody: JSON.stringify(first) })),
        'ValidationError',
        400,
        { message: expect.stringContaining('ROLLBACK_COMPLETE state and can not be updated') },
      );
      await client.send(new DeleteStackCommand({ StackName }));
      await target.eventually(() =>
        refused(client.send(new DescribeStacksCommand({ StackName })), 'ValidationError', 400),
      );
      await client.send(
        new CreateStackCommand({ StackName, TemplateBody: JSON.stringify({ Resources: { P: parameter('one') } }) }),
      );
      await waitUntilStackCreateComplete(waiting, { StackName });
      await client.send(
        new UpdateStackCommand({
          StackName,
          TemplateBody: JSON.stringify({ Resources: { P: parameter('two'), Bad: bad } }),
        }),
      );
      await status('UPDATE_ROLLBACK_COMPLETE');
      const { StackResourceDetail } = await client.send(
        new DescribeStackResourceCommand({ StackName, LogicalResourceId: 'P' }),
      );
      const read = await target
        .client(SSMClient)
        .send(new GetParameterCommand({ Name: StackResourceDetail?.PhysicalResourceId }));
      expect(read.Parameter?.Value).toBe('one');
      await client.send(new UpdateTerminationProtectionCommand({ StackName, EnableTerminationProtection: true }));
      await refused(client.send(new DeleteStackCommand({ StackName })), 'ValidationError', 400, {
        message: expect.stringContaining('TerminationProtection'),
      });
      await client.send(new UpdateTerminationProtectionCommand({ StackName, EnableTerminationProtection: false }));
    },
    { minutes: 5 },
  ),

  contractCase(
    'an export in use is neither changed nor deleted, and a renamed resource is replaced',
    async (target) => {
      const giving = stackOf(target);
      const taking = stackOf(target);
      const { client } = giving;
      const exporting = (Name: string) =>
        JSON.stringify({
          Resources: { P: { Type: 'AWS::SSM::Parameter', Properties: { Name, Type: 'String', Value: 'v' } } },
          Outputs: { O: { Value: { Ref: 'P' }, Export: { Name: giving.StackName } } },
        });
      await client.send(
        new CreateStackCommand({
          StackName: giving.StackName,
          TemplateBody: exporting(`/${giving.StackName}/a`),
        }),
      );
      await waitUntilStackCreateComplete(giving.waiting, { StackName: giving.StackName });
      await client.send(
        new CreateStackCommand({
          StackName: taking.StackName,
          TemplateBody: JSON.stringify({
            Resources: { P: parameter({ 'Fn::ImportValue': giving.StackName }) },
          }),
        }),
      );
      await waitUntilStackCreateComplete(taking.waiting, { StackName: taking.StackName });
      const change = { StackName: giving.StackName, ChangeSetName: 'rename' };
      await client.send(new CreateChangeSetCommand({ ...change, TemplateBody: exporting(`/${giving.StackName}/b`) }));
      await waitUntilChangeSetCreateComplete(giving.waiting, change);
      const { Changes } = await client.send(new DescribeChangeSetCommand(change));
      expect(Changes).toMatchObject([{ ResourceChange: { LogicalResourceId: 'P', Replacement: 'True' } }]);
      await client.send(new ExecuteChangeSetCommand(change));
      const status = (wanted: string) =>
        target.eventually(async () => {
          const { Stacks: [stack] = [] } = await client.send(
            new DescribeStacksCommand({ StackName: giving.StackName }),
          );
          expect(stack?.StackStatus).toBe(wanted);
        });
      await status('UPDATE_ROLLBACK_COMPLETE');
      const ssm = target.client(SSMClient);
      expect((await ssm.send(new GetParameterCommand({ Name: `/${giving.StackName}/a` }))).Parameter?.Value).toBe('v');
      await target.eventually(() =>
        refused(ssm.send(new GetParameterCommand({ Name: `/${giving.StackName}/b` })), ParameterNotFound, 400),
      );
      await client.send(new DeleteStackCommand({ StackName: taking.StackName }));
      await waitUntilStackDeleteComplete(taking.waiting, { StackName: taking.StackName });
    },
    { minutes: 5 },
  ),

  contractCase('bad input: templates are refused with what is wrong where', async (target) => {
    const { client, StackName, waiting } = stackOf(target);
    const resource = { Type: 'AWS::SNS::Topic' };
    for (const [template, message] of [
      ['{', /Template format error|unexpected end of stream/i],
      [{}, /At least one Resources member must be defined/],
      [{ Resources: {} }, /At least one Resources member must be defined/],
      [{ Resources: { A: {} } }, /\[\/Resources\/A\]|Every Resources object must contain a Type member/],
      [
        { Resources: { A: { ...resource, Properties: { TopicName: { Ref: 'Nothing' } } } } },
        /Unresolved resource dependencies \[Nothing\] in the Resources block of the template/,
      ],
      [{ Resources: { A: { ...resource, DependsOn: 'Nothing' } } }, /Unresolved resource dependencies \[Nothing\]/],
      [
        { Resources: { A: { ...resource, DependsOn: 'B' }, B: { ...resource, DependsOn: 'A' } } },
        /Circular dependency between resources: \[A, B\]/,
      ],
      [{ Resources: { A: { ...resource, Condition: 'No' } } }, /condition.*\bNo\b/i],
      [{ Resources: { A: { Type: 'AWS::Nothing::Here' } } }, /Unrecognized resource types: \[AWS::Nothing::Here\]/],
      [{ Parameters: { P: { Type: 'Colour' } }, Resources: { A: resource } }, /Template format error/],
      [{ Resources: { A: resource }, Outputs: { O: { Value: { 'Fn::GetAtt': ['A', 'Nothing'] } } } }, /Nothing/],
    ] as const) {
      const TemplateBody = typeof template === 'string' ? template : JSON.stringify(template);
      const create = client.send(new CreateStackCommand({ StackName, TemplateBody }));
      await refused(create, 'ValidationError', 400, { message: expect.stringMatching(message) }).catch(
        (error: unknown) => {
          throw new Error(`${TemplateBody}: ${String(error)}`);
        },
      );
    }
    const Parameters = { Size: { Type: 'Number', MaxValue: 5 } };
    const sized = (more: object) =>
      client.send(
        new CreateStackCommand({
          StackName,
          TemplateBody: JSON.stringify({ Parameters, Resources: { A: resource } }),
          ...more,
        }),
      );
    await refused(sized({}), 'ValidationError', 400, { message: 'Parameters: [Size] must have values' });
    await refused(sized({ Parameters: [{ ParameterKey: 'Size', ParameterValue: '6' }] }), 'ValidationError', 400, {
      message: expect.stringContaining('Size'),
    });
    await refused(sized({ Parameters: [{ ParameterKey: 'Colour', ParameterValue: 'x' }] }), 'ValidationError', 400, {
      message: expect.stringContaining('Colour'),
    });
    await refused(
      client.send(new CreateStackCommand({ StackName: 'no_name', TemplateBody: '{}' })),
      'ValidationError',
      400,
    );
    await refused(client.send(new ValidateTemplateCommand({ TemplateBody: '{' })), 'ValidationError', 400);
    await client.send(
      new CreateStackCommand({ StackName, TemplateBody: JSON.stringify({ Resources: { A: resource } }) }),
    );
    await waitUntilStackCreateComplete(waiting, { StackName });
    for (const LogicalResourceId of ['None', 'constructor']) {
      await refused(
        client.send(new DescribeStackResourceCommand({ StackName, LogicalResourceId })),
        'ValidationError',
        400,
        { message: `Resource ${LogicalResourceId} does not exist for stack ${StackName}` },
      );
    }
    await refused(
      client.send(new DescribeChangeSetCommand({ StackName, ChangeSetName: 'none' })),
      ChangeSetNotFoundException,
      404,
    );
  }),
];

function stackOf(target: ContractTarget) {
  const client = target.client(CloudFormationClient);
  const StackName = target.name();
  target.after(() => client.send(new DeleteStackCommand({ StackName })));
  return { client, StackName, waiting: { client, ...target.waiting } };
}
