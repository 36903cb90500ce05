import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StackProps } from 'aws-cdk-lib';
import { App, CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bootstrapVersion } from '../../../src/cli/deploy/bootstrap-template.ts';
import type { DeployOptions } from '../../../src/cli/deploy/deploy-assembly.ts';
import { deployAssembly } from '../../../src/cli/deploy/deploy-assembly.ts';
import { destroyAssembly } from '../../../src/cli/deploy/destroy-assembly.ts';
import { createAuthorizer } from '../../../src/sandbox/iam/authorizer.ts';
import type { CloudFormationService } from '../../../src/sandbox/services/cloudformation/operations.ts';
import { administratorCredentials } from '../../../src/sandbox/services/iam/administrator.ts';
import { createLambdaService } from '../../../src/sandbox/services/lambda/operations.ts';
import type { TestSandbox } from '../../support/test-sandbox.ts';
import { deployingSandbox } from './deploying-sandbox.ts';
import { inProcessClients, whileTimeRuns } from './in-process.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const account = '111122223333';

const stackPolicy = { Statement: [{ Effect: 'Deny', Action: 'Update:Replace', Principal: '*', Resource: '*' }] };

/** Two stacks in two Regions and one that follows the first: a queue, a bucket with a function over it, a parameter. */
function synthesize({ depth = '1', broken = false, guarded = false } = {}): string {
  const outdir = temporaryDirectory();
  const source = join(outdir, 'source');
  mkdirSync(source);
  writeFileSync(join(source, 'index.js'), 'exports.handler = async () => "hello"');
  const app = new App({ outdir: join(outdir, 'cdk.out'), analyticsReporting: false });
  const env = (region: string): StackProps => ({ env: { account, region } });
  const primary = new Stack(app, 'Storage', { ...env('us-east-1'), tags: { workload: 'photos' } });
  if (guarded) {
    primary.terminationProtection = true;
    primary.templateOptions.metadata = { 'PilotLight::StackPolicy': stackPolicy };
  }
  const queue = new Queue(primary, 'Queue');
  const bucket = new Bucket(primary, 'Bucket', { versioned: true, removalPolicy: RemovalPolicy.DESTROY });
  const code = new Stack(app, 'Code', env('us-east-1'));
  const handler = new LambdaFunction(code, 'Handler', {
    runtime: Runtime.NODEJS_22_X,
    handler: 'index.handler',
    code: Code.fromAsset(source),
    environment: { QUEUE: queue.queueUrl },
  });
  bucket.grantRead(handler);
  handler.addToRolePolicy(new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [queue.queueArn] }));
  new CfnOutput(code, 'Arn', { value: handler.functionArn });
  const recovery = new Stack(app, 'Recovery', env('us-west-2'));
  const parameter = new StringParameter(recovery, 'Depth', { parameterName: '/depth', stringValue: depth });
  if (broken) {
    const clash = new StringParameter(recovery, 'Clash', { parameterName: '/depth', stringValue: depth });
    clash.node.addDependency(parameter);
  }
  return app.synth().directory;
}

let sandbox: TestSandbox;
let cloudformation: CloudFormationService;
let options: (assemblyDirectory: string) => DeployOptions;
const said: string[] = [];

beforeEach(() => {
  said.length = 0;
  process.env.CDK_VALIDATION = 'false';
  ({ sandbox, cloudformation } = deployingSandbox([(core) => createLambdaService(core)]));
  sandbox.dispatcher.authorizer = createAuthorizer(sandbox.core).authorizer;
  const { principal } = administratorCredentials(sandbox.core);
  const clients = inProcessClients(sandbox, principal);
  options = (assemblyDirectory) => ({ assemblyDirectory, clients, onProgress: ({ says }) => said.push(says) });
});

afterEach(async () => {
  await cloudformation.close?.();
});

const deploy = (assembly: string) => whileTimeRuns(sandbox, deployAssembly(options(assembly)));

describe('a synthesized CDK app', () => {
  it('is deployed as synthesized, with its files, as the roles of the bootstrap; again, nothing changes', async () => {
    const assembly = synthesize();
    const { changed, stacks } = await deploy(assembly);
    expect(changed).toBe(3);
    expect(stacks.map(({ stackName }) => stackName).indexOf('Code')).toBeGreaterThan(
      stacks.map(({ stackName }) => stackName).indexOf('Storage'),
    );
    const arn = stacks.find(({ stackName }) => stackName === 'Code')?.outputs.Arn ?? '';
    const { Configuration } = await sandbox.call<{
      Configuration: { Environment: { Variables: Record<string, string> } };
    }>('lambda', 'GetFunction', { FunctionName: arn });
    const { QueueUrls } = await sandbox.call<{ QueueUrls: string[] }>('sqs', 'ListQueues', {});
    expect(QueueUrls).toContain(Configuration.Environment.Variables.QUEUE);
    const { Parameter } = await sandbox.call<{ Parameter: { Value: string } }>(
      'ssm',
      'GetParameter',
      { Name: '/depth' },
      'us-west-2',
    );
    expect(Parameter.Value).toBe('1');
    const version = await sandbox.call<{ Parameter: { Value: string } }>('ssm', 'GetParameter', {
      Name: '/cdk-bootstrap/hnb659fds/version',
    });
    expect(version.Parameter.Value).toBe(String(bootstrapVersion));
    expect(said).toContain('us-east-1 bootstrapped');

    said.length = 0;
    expect((await deploy(assembly)).changed).toBe(0);
    expect(said.sort()).toEqual([
      'us-east-1 Code unchanged',
      'us-east-1 Storage unchanged',
      'us-west-2 Recovery unchanged',
    ]);
  });

  it('changes only the stack that differs', async () => {
    await deploy(synthesize());
    const { changed, stacks } = await deploy(synthesize({ depth: '2' }));
    expect(changed).toBe(1);
    expect(stacks.find(({ outcome }) => outcome !== 'unchanged')).toMatchObject({
      stackName: 'Recovery',
      outcome: 'updated',
    });
  });

  it('fails with the first resource that failed, and deploys once that is mended', async () => {
    await expect(deploy(synthesize({ broken: true }))).rejects.toThrow(
      /The stack Recovery in us-west-2 ended in ROLLBACK_COMPLETE\. Clash\w+ \(AWS::SSM::Parameter\): .*already exists/,
    );
    const { stacks } = await deploy(synthesize());
    expect(stacks.find(({ stackName }) => stackName === 'Recovery')?.outcome).toBe('created');
  });

  it('tries again what a database that was being backed up has refused', async () => {
    const parameter = { Name: '/depth', Value: 'in the way', Type: 'String' };
    await sandbox.call('ssm', 'PutParameter', parameter, 'us-west-2');
    const { principal } = administratorCredentials(sandbox.core);
    let refused = 0;
    const clients = inProcessClients(sandbox, principal, async ({ service, operation, region, input }) => {
      if (service !== 'cloudformation' || region !== 'us-west-2') return undefined;
      if (operation === 'DeleteStack') await sandbox.call('ssm', 'DeleteParameter', { Name: '/depth' }, region);
      if (operation !== 'DescribeStackEvents') return undefined;
      const { StackEvents } = await sandbox.call<{ StackEvents: { ResourceStatusReason?: string }[] }>(
        service,
        operation,
        input,
        region,
      );
      for (const event of StackEvents) {
        if (!/already exists/.test(event.ResourceStatusReason ?? '')) continue;
        refused++;
        event.ResourceStatusReason = 'it is backing-up. (Error Code: InvalidDBInstanceState)';
      }
      return { StackEvents };
    });
    const deployed = deployAssembly({ ...options(synthesize()), clients, clock: sandbox.clock });
    const { stacks } = await whileTimeRuns(sandbox, deployed);
    expect(refused).toBeGreaterThan(0);
    expect(stacks.find(({ stackName }) => stackName === 'Recovery')?.outcome).toBe('created');
  });

  it('is guarded as it asks to be: by termination protection, and by the policy its template carries', async () => {
    const assembly = synthesize({ guarded: true });
    await deploy(assembly);
    const { StackPolicyBody } = await sandbox.call<{ StackPolicyBody: string }>('cloudformation', 'GetStackPolicy', {
      StackName: 'Storage',
    });
    expect(JSON.parse(StackPolicyBody)).toEqual(stackPolicy);
    await expect(whileTimeRuns(sandbox, destroyAssembly(options(assembly)))).rejects.toThrow(
      /protected against termination.*Storage in us-east-1/,
    );
    const { Stacks } = await sandbox.call<{ Stacks: object[] }>('cloudformation', 'DescribeStacks', {});
    expect(Stacks).toHaveLength(3);
    await deploy(synthesize());
    const { deleted } = await whileTimeRuns(sandbox, destroyAssembly(options(assembly)));
    expect(deleted).toHaveLength(3);
  });

  it('is destroyed in reverse', async () => {
    const assembly = synthesize();
    await deploy(assembly);
    const { deleted } = await whileTimeRuns(sandbox, destroyAssembly(options(assembly)));
    const names = deleted.map(({ stackName }) => stackName);
    expect(names).toHaveLength(3);
    expect(names.indexOf('Code')).toBeLessThan(names.indexOf('Storage'));
    expect((await sandbox.call<{ QueueUrls?: string[] }>('sqs', 'ListQueues', {})).QueueUrls ?? []).toEqual([]);
  });
});
