// What stands in the way of a deployment is found, told plainly and all at once, before anything is changed.

import { join } from 'node:path';
import { App, CfnResource, Stack } from 'aws-cdk-lib';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { inUse, runInProgress } from '../../../src/cli/deploy/in-use.ts';
import { quotaProblems } from '../../../src/cli/deploy/quotas.ts';
import { Refusal } from '../../../src/cli/deploy/refusal.ts';
import { survey } from '../../../src/cli/deploy/survey.ts';
import type { Principal } from '../../../src/sandbox/contract.ts';
import { createAuthorizer } from '../../../src/sandbox/iam/authorizer.ts';
import type { CloudFormationService } from '../../../src/sandbox/services/cloudformation/operations.ts';
import { createDynamoDbService } from '../../../src/sandbox/services/dynamodb/service.ts';
import { createEc2Service } from '../../../src/sandbox/services/ec2/service.ts';
import { administratorCredentials } from '../../../src/sandbox/services/iam/administrator.ts';
import { parseWorkload } from '../../../src/workload/parse.ts';
import type { TestSandbox } from '../../support/test-sandbox.ts';
import { deployingSandbox } from './deploying-sandbox.ts';
import type { Instead } from './in-process.ts';
import { inProcessClients, inProcessDestination, sdkError, whileTimeRuns } from './in-process.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const config = {
  name: 'small',
  account: '111122223333',
  primary: { region: 'us-east-1' },
  recovery: { region: 'us-west-2' },
  compute: { web: { image: 'ami-0f0e0d0c0b0a09080' } },
  database: { engine: 'mysql', name: 'small' },
  traffic: { zone: 'small.example', name: 'www.small.example' },
} as const;

let assemblyDirectory: string;
let sandbox: TestSandbox;
let cloudformation: CloudFormationService;
let principal: Principal;

beforeAll(() => {
  const app = new App({ outdir: join(temporaryDirectory(), 'cdk.out'), analyticsReporting: false });
  const stack = (name: string, region: string) => new Stack(app, name, { env: { account: config.account, region } });
  const primary = stack('Service', 'us-east-1');
  new CfnResource(primary, 'Queue', { type: 'AWS::SQS::Queue', properties: { QueueName: 'small' } });
  const recovery = stack('Storage', 'us-west-2');
  const resource = (id: string, type: string, properties: Record<string, unknown>) =>
    new CfnResource(recovery, id, { type, properties });
  resource('Bucket', 'AWS::S3::Bucket', { BucketName: 'small-photos' });
  resource('Template', 'AWS::EC2::LaunchTemplate', { LaunchTemplateData: { InstanceType: 'x9.large' } });
  resource('Database', 'AWS::RDS::DBInstance', {
    DBInstanceIdentifier: 'small-db',
    DBInstanceClass: 'db.x9.large',
    SourceDBInstanceIdentifier: 'arn:aws:rds:us-east-1:111122223333:db:small-db',
  });
  assemblyDirectory = app.synth().directory;
});

beforeEach(() => {
  ({ sandbox, cloudformation } = deployingSandbox([createDynamoDbService, (core) => createEc2Service(core)]));
  sandbox.dispatcher.authorizer = createAuthorizer(sandbox.core).authorizer;
  ({ principal } = administratorCredentials(sandbox.core));
});

afterEach(async () => {
  await cloudformation.close?.();
});

/** All that the account and the Regions have, unless `instead` says otherwise. */
const well: Instead = ({ operation, service }) => {
  if (operation === 'GetParameter') return { Parameter: { Value: '30' } };
  if (operation === 'DescribeInstanceTypeOfferings') return { InstanceTypeOfferings: [{}] };
  if (operation === 'DescribeOrderableDBInstanceOptions') return { OrderableDBInstanceOptions: [{}] };
  if (service === 'rds' && operation === 'DescribeAccountAttributes')
    return { AccountQuotas: [{ AccountQuotaName: 'DBInstances', Used: 0, Max: 40 }] };
  if (service === 'rds') throw sdkError('DBInstanceNotFoundFault', 'none', 404);
  return undefined;
};

interface Told {
  readonly text: string;
  readonly said: readonly string[];
}

/** What a deployment would be refused with; what was said meanwhile. Changes of anything fail the test. */
async function refused(instead: Instead, changes: object = {}): Promise<Told> {
  const said: string[] = [];
  const clients = inProcessClients(sandbox, principal, (call) => {
    if (!/^(Get|List|Describe|Head|Assume|Simulate|CreateChangeSet|DeleteChangeSet)/.test(call.operation))
      throw new Error(`${call.operation} was asked for before anything was agreed`);
    return instead(call) ?? well(call);
  });
  const found = await whileTimeRuns(
    sandbox,
    survey({
      workload: parseWorkload({ ...config, ...changes }),
      destination: inProcessDestination(clients),
      assemblyDirectory,
      mayBootstrap: false,
      tell: (text) => said.push(text),
      clock: sandbox.clock,
    }),
  );
  return { text: new Refusal('a deployment', found.problems).message, said };
}

const failing =
  (operation: string, error: Error, region?: string): Instead =>
  (call) => {
    if (call.operation === operation && (region === undefined || call.region === region)) throw error;
  };

describe('who asks', () => {
  test.each([
    ['ExpiredToken', 'The security token included in the request is expired', /expired: .*\n.*aws sso login/],
    ['TokenRefreshRequired', 'The provided token must be refreshed', /expired/],
    ['CredentialsProviderError', 'Could not load credentials from any providers', /no credentials.*\n.*--profile/],
    ['InvalidClientTokenId', 'The security token is invalid', /doesn't accept.*\n.*get-caller-identity/],
  ])('%s is told once, not for each Region', async (name, message, says) => {
    const { text } = await refused(failing('GetCallerIdentity', sdkError(name, message, 403)));
    expect(text).toMatch(says);
    expect(text).toMatch(/^Nothing was changed: one thing stands/);
  });

  test('credentials of another account', async () => {
    const { text } = await refused(() => undefined, { account: '999988887777' });
    expect(text).toMatch(/belong to account 111122223333, the config names 999988887777/);
  });

  test('a Region the account has not opted in to', async () => {
    const error = sdkError('InvalidClientTokenId', 'The security token included in the request is invalid', 403);
    const { text } = await refused(failing('GetCallerIdentity', error, 'eu-south-1'), {
      recovery: { region: 'eu-south-1' },
    });
    expect(text).toMatch(/eu-south-1: The account hasn't opted in to it.*\n.*aws account enable-region/);
  });

  test('a Region that does not answer', async () => {
    const silence = sdkError('TimeoutError', 'Connection timed out');
    const { text } = await refused(failing('GetCallerIdentity', silence, 'us-west-2'));
    expect(text).toMatch(/us-west-2: The Region doesn't answer\.\n.*--only primary/);
  });

  test('one who may do nothing', async () => {
    const { text } = await refused((call) => {
      if (call.operation === 'AssumeRole') throw sdkError('AccessDenied', 'not authorized to assume it', 403);
      if (call.operation !== 'SimulatePrincipalPolicy') return undefined;
      const names = call.input.ActionNames as string[];
      return {
        EvaluationResults: names.map((EvalActionName) => ({ EvalActionName, EvalDecision: 'implicitDeny' })),
      };
    });
    expect(text).toMatch(/may not cloudformation:CreateChangeSet, .*nor assume the deploy role: not authorized/);
    expect(text).toMatch(/Let it assume arn:aws:iam::111122223333:role\/cdk-/);
  });
});

describe('what is there', () => {
  test('no bootstrap, and one too old', async () => {
    const { text } = await refused(({ operation, region }) => {
      if (operation !== 'GetParameter') return undefined;
      if (region === 'us-east-1') throw sdkError('ParameterNotFound', 'none');
      return { Parameter: { Value: '4' } };
    });
    expect(text).toMatch(/us-east-1: It isn't bootstrapped for CDK deployments: no parameter .*\n.*--bootstrap/);
    expect(text).toMatch(/us-west-2: .*: version 4, version \d+ or newer is needed/);
  });

  test('a quota too small', async () => {
    const { text } = await refused(({ operation, service }) =>
      service === 'rds' && operation === 'DescribeAccountAttributes'
        ? { AccountQuotas: [{ AccountQuotaName: 'DBInstances', Used: 40, Max: 40 }] }
        : undefined,
    );
    expect(text).toMatch(
      /1 more DB instances? would be made; 40 of 40 are in use\.\n.*request-service-quota-increase .*--desired-value 41/,
    );
  });

  test('an account whose functions may run ten at a time can spare none of them', async () => {
    const Type = 'AWS::Lambda::Function';
    const template = JSON.stringify({
      Resources: {
        Gate: { Type, Properties: { ReservedConcurrentExecutions: 2 } },
        Sql: { Type, Properties: { ReservedConcurrentExecutions: 6 } },
        Own: { Type, Properties: {} },
      },
    });
    const send = async () => ({ AccountLimit: { ConcurrentExecutions: 10, UnreservedConcurrentExecutions: 10 } });
    const clients = () => ({ lambda: async () => ({ send }) }) as never;
    const { problems } = await quotaProblems([{ region: 'us-west-2', template } as never], clients);
    expect(problems).toMatchObject([
      {
        region: 'us-west-2',
        what: '8 more reserved invocations at a time would be made; 0 of 0 are in use.',
        next: expect.stringMatching(/L-B99A9384 --region us-west-2 --desired-value 108\. Or set control\.reserve/),
      },
    ]);
  });

  test("a bucket name that is another account's, or of another Region", async () => {
    const foreign = await refused(failing('HeadBucket', sdkError('403', 'UnknownError', 403)));
    expect(foreign.text).toMatch(/The bucket name small-photos is taken by another account.*\n.*another name/);
    const elsewhere = await refused(failing('HeadBucket', sdkError('301', 'UnknownError', 301)));
    expect(elsewhere.text).toMatch(/small-photos is taken: a bucket of another Region has it/);
  });

  test('an instance type and a database class that the Region does not offer; one that cannot be asked about is no reason to stop', async () => {
    const asked: unknown[] = [];
    const { text } = await refused(({ input, operation, region }) => {
      if (operation === 'DescribeInstanceTypeOfferings') {
        asked.push([region, input.Filters]);
        return { InstanceTypeOfferings: [] };
      }
      if (operation !== 'DescribeOrderableDBInstanceOptions') return undefined;
      asked.push([region, input.Engine, input.DBInstanceClass]);
      return { OrderableDBInstanceOptions: [] };
    });
    expect(text).toMatch(/us-west-2: The instance type x9\.large isn't offered there\.\n.*compute in the config/);
    expect(text).toMatch(/us-west-2: The database class db\.x9\.large isn't offered there\.\n.*database\.class/);
    // A replica doesn't say its engine: the workload does.
    expect(asked).toContainEqual(['us-west-2', [{ Name: 'instance-type', Values: ['x9.large'] }]]);
    expect(asked).toContainEqual(['us-west-2', 'mysql', 'db.x9.large']);
    expect(asked).toHaveLength(2);
    const unseen = await refused(failing('DescribeInstanceTypeOfferings', sdkError('UnauthorizedOperation', 'no')));
    expect(unseen.text).not.toMatch(/x9\.large/);
  });
});

describe('a stack found', () => {
  const standing = (status: (asked: number) => string | undefined): Instead => {
    let asked = 0;
    return ({ input, operation }) => {
      if (operation !== 'DescribeStacks' || input.StackName !== 'Service') return undefined;
      const StackStatus = status(asked++);
      if (StackStatus === undefined) throw sdkError('ValidationError', 'Stack with id Service does not exist');
      return { Stacks: [{ StackName: 'Service', StackId: 'arn:aws:cloudformation:service', StackStatus }] };
    };
  };

  test.each([
    [
      'UPDATE_ROLLBACK_FAILED',
      /Service is in UPDATE_ROLLBACK_FAILED\.\n.*continue-update-rollback --stack-name Service/,
    ],
    ['UPDATE_FAILED', /Service is in UPDATE_FAILED\.\n.*rollback-stack --stack-name Service/],
    ['DELETE_FAILED', /Service is in DELETE_FAILED\.\n.*pilot-light destroy/],
    ['IMPORT_ROLLBACK_FAILED', /Service is in IMPORT_ROLLBACK_FAILED\.\n.*describe-stack-events/],
  ])('in %s is refused with the way out', async (status, says) => {
    const { text } = await refused(standing(() => status));
    expect(text).toMatch(says);
  });

  test.each(['ROLLBACK_COMPLETE', 'ROLLBACK_FAILED', 'CREATE_FAILED', 'REVIEW_IN_PROGRESS'])(
    'in %s stands in nobody’s way',
    async (status) => {
      const { text, said } = await refused(standing(() => status));
      expect(text).not.toMatch(/Service/);
      expect(said).toEqual([]);
    },
  );

  test.each([
    'CREATE_IN_PROGRESS',
    'ROLLBACK_IN_PROGRESS',
    'UPDATE_IN_PROGRESS',
    'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
    'UPDATE_ROLLBACK_IN_PROGRESS',
    'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
    'DELETE_IN_PROGRESS',
    'IMPORT_IN_PROGRESS',
    'IMPORT_ROLLBACK_IN_PROGRESS',
  ])('in %s is waited for, and that is said once', async (status) => {
    const { said } = await refused(standing((asked) => (asked < 3 ? status : undefined)));
    expect(said).toEqual([`Waiting for Service in us-east-1, which is in ${status}.`]);
  });
});

describe('a run in progress', () => {
  const workload = parseWorkload(config);
  const looks = (instead: Instead) => inProcessClients(sandbox, principal, instead);
  const running: Instead = ({ input, operation }) => {
    if (operation === 'GetItem')
      return { Item: { active: { S: 'recovery' }, epoch: { N: '2' }, holder: { S: 'dev-dr-failover.x' } } };
    if (operation !== 'ListExecutions') return undefined;
    return { executions: String(input.stateMachineArn).endsWith('failover') ? [{ name: 'x' }] : [] };
  };

  test('speaks against a deployment, and with the active recovery Region against taking the workload down', async () => {
    const deploy = await runInProgress(workload, looks(running));
    expect(deploy).toMatchObject({ problems: [{ what: 'The failover x is running.' }], notes: [] });
    expect(deploy.problems[0]?.next).toMatch(/--anyway/);
    const destroy = await inUse(workload, { clients: looks(running) });
    expect(destroy.map(({ what }) => what)).toEqual([
      'Run dev-dr-failover.x is in progress.',
      'The recovery Region is the active one, since epoch 2: customers are served from it.',
      'The failover x is running.',
    ]);
  });

  test('that a dead execution has left behind is seen by its lock', async () => {
    const left: Instead = (call) => (call.operation === 'ListExecutions' ? { executions: [] } : running(call));
    expect((await runInProgress(workload, looks(left))).problems).toMatchObject([
      { what: 'Run dev-dr-failover.x is in progress.' },
    ]);
  });

  test('that cannot be looked into is a note for a deployment, and speaks against taking the workload down', async () => {
    const denied: Instead = () => {
      throw sdkError('AccessDeniedException', 'not authorized', 403);
    };
    const deploy = await runInProgress(workload, looks(denied));
    expect(deploy.problems).toEqual([]);
    expect(deploy.notes).toHaveLength(4);
    expect(await inUse(workload, { clients: looks(denied) })).toHaveLength(4);
  });

  test('is none where nothing was ever deployed', async () => {
    const nothing: Instead = ({ operation }) => {
      throw sdkError(operation === 'GetItem' ? 'ResourceNotFoundException' : 'StateMachineDoesNotExist', 'none');
    };
    expect(await runInProgress(workload, looks(nothing))).toEqual({ problems: [], notes: [] });
  });
});
