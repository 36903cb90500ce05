import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { beforeAll, describe, expect, test } from 'vitest';
import config from '../../examples/photos/pilot-light.config.ts';
import { functionNames, functionSpecs } from '../../src/functions/contract.ts';
import { PilotLight } from '../../src/infra/pilot-light.ts';
import { environmentOf } from '../../src/sandbox/instances/user-data.ts';

interface Resource {
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
  readonly DeletionPolicy?: string;
  readonly DependsOn?: readonly string[];
}
interface Template {
  readonly Resources: Record<string, Resource>;
  readonly Metadata?: Record<string, unknown>;
}

/** What a value may hold that a shell would take for something else. */
const awkward = `it's "a $HOME" \\ of \`words\``;

const stacks = new Map<string, { template: Template; terminationProtection: boolean }>();

beforeAll(() => {
  const app = new App({ outdir: join(mkdtempSync(join(tmpdir(), 'pilot-light-test-')), 'cdk.out') });
  const compute = {
    web: { ...config.compute.web, image: 'ami-0f0e0d0c0b0a09080', environment: { GREETING: awkward } },
  };
  const functions = {
    ...config.functions,
    digest: {
      entry: 'functions/thumbnail.ts',
      schedule: 'cron(0 3 * * ? *)',
      events: { source: ['my.shop'] },
      objects: { bucket: 'photos', prefix: 'albums/' },
    },
  };
  new PilotLight(app, 'Photos', {
    config: {
      ...config,
      compute,
      functions,
      notifications: { email: ['on-call@photos.example'], webhooks: ['chat'] },
      tags: { team: 'media' },
    },
    baseDirectory: join(import.meta.dirname, '../../examples/photos'),
  });
  for (const { stackName, template, terminationProtection } of app.synth().stacks) {
    stacks.set(stackName, { template: template as Template, terminationProtection: terminationProtection ?? false });
  }
}, 60_000);

const resources = (stack: string, type: string): Resource[] =>
  Object.values(stacks.get(`dev-photos-${stack}`)?.template.Resources ?? {}).filter(({ Type }) => Type === type);
const everywhere = (type: string): Resource[] =>
  [...stacks.values()].flatMap(({ template }) => Object.values(template.Resources).filter(({ Type }) => Type === type));
const one = (stack: string, type: string): Record<string, unknown> => {
  const found = resources(stack, type);
  expect(found, `${type} in ${stack}`).toHaveLength(1);
  return found[0]?.Properties ?? {};
};

describe('the database', () => {
  test('has one identifier in both Regions, is encrypted, private, backed up and protected', () => {
    for (const side of ['primary', 'recovery']) {
      expect(one(`database-${side}`, 'AWS::RDS::DBInstance')).toMatchObject({
        DBInstanceIdentifier: 'dev-photos-db',
        // A replica is encrypted when its source is: it says under which key.
        ...(side === 'primary' ? { StorageEncrypted: true } : {}),
        KmsKeyId: expect.anything(),
        PubliclyAccessible: false,
        DeletionProtection: true,
        BackupRetentionPeriod: 7,
      });
      expect(stacks.get(`dev-photos-database-${side}`)?.terminationProtection).toBe(true);
      expect(resources(`database-${side}`, 'AWS::RDS::DBInstance')[0]?.DeletionPolicy).toBe('Retain');
    }
  });

  test("a replica's source is a literal: changing it would replace the database, removing it promote", () => {
    expect(one('database-recovery', 'AWS::RDS::DBInstance').SourceDBInstanceIdentifier).toBe(
      'arn:aws:rds:us-east-1:111122223333:db:dev-photos-db',
    );
  });

  test('its stack refuses to replace or delete it', () => {
    const policy = stacks.get('dev-photos-database-primary')?.template.Metadata?.['PilotLight::StackPolicy'];
    expect(JSON.stringify(policy)).toContain('Update:Replace');
  });

  test('its parameter group never declares read_only, which belongs to the fence', () => {
    for (const { Properties } of everywhere('AWS::RDS::DBParameterGroup')) {
      expect(Object.keys(Properties.Parameters as object)).not.toContain('read_only');
      expect(Properties.Parameters).toMatchObject({ binlog_format: 'ROW', binlog_row_metadata: 'FULL' });
    }
  });

  test('its password is nowhere in a template', () => {
    const { MasterUserPassword } = one('database-primary', 'AWS::RDS::DBInstance');
    expect(MasterUserPassword).toMatch(/^\{\{resolve:secretsmanager:/);
  });
});

describe('an instance', () => {
  test("finds its environment in a file that outlives the user data's script, whatever the values hold", () => {
    const { UserData } = one('service-recovery', 'AWS::EC2::LaunchTemplate').LaunchTemplateData as {
      UserData: { 'Fn::Base64': string };
    };
    const script = UserData['Fn::Base64'];
    const file = join(mkdtempSync(join(tmpdir(), 'pilot-light-test-')), 'environment');
    execFileSync('/bin/sh', ['-c', script.replaceAll('/etc/pilot-light.env', file)]);
    const seen = execFileSync('/bin/sh', ['-c', `. ${file}; printf '%s|%s|%s' "$GREETING" "$AWS_REGION" "$PORT"`]);
    expect(seen.toString()).toBe(`${awkward}|us-west-2|8080`);
    expect(environmentOf(Buffer.from(script).toString('base64'))).toMatchObject({
      GREETING: awkward,
      AWS_REGION: 'us-west-2',
    });
  });
});

describe('the network', () => {
  test('only the load balancer is open to the world, on port 80', () => {
    const open = everywhere('AWS::EC2::SecurityGroup').flatMap(({ Properties }) =>
      ((Properties.SecurityGroupIngress ?? []) as Record<string, unknown>[])
        .filter(({ CidrIp }) => CidrIp === '0.0.0.0/0')
        .map(({ FromPort }) => [Properties.GroupName, FromPort]),
    );
    expect(open).toEqual([
      ['dev-photos-balancer', 80],
      ['dev-photos-balancer', 80],
    ]);
  });
});

describe('the keys', () => {
  test('let Auto Scaling open the disks of copied images, by a condition that needs no role to be there already', () => {
    for (const side of ['primary', 'recovery']) {
      const { Statement } = one(`foundation-${side}`, 'AWS::KMS::Key').KeyPolicy as { Statement: object[] };
      const role =
        'arn:aws:iam::111122223333:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling*';
      const who = { StringEquals: { 'kms:CallerAccount': '111122223333' }, ArnLike: { 'aws:PrincipalArn': role } };
      const ofAutoScaling = Statement.filter((one) => JSON.stringify(one).includes(role));
      expect(ofAutoScaling).toMatchObject([
        { Action: expect.arrayContaining(['kms:GenerateDataKey*', 'kms:Decrypt']), Condition: who },
        { Action: ['kms:CreateGrant'], Condition: { ...who, Bool: { 'kms:GrantIsForAWSResource': 'true' } } },
      ]);
    }
  });
});

describe('buckets', () => {
  test('are versioned, encrypted, closed to the public, and answer TLS only', () => {
    const buckets = everywhere('AWS::S3::Bucket');
    expect(buckets).toHaveLength(2);
    for (const { Properties } of buckets) {
      expect(Properties).toMatchObject({ VersioningConfiguration: { Status: 'Enabled' } });
      expect(Object.values(Properties.PublicAccessBlockConfiguration as object)).toEqual([true, true, true, true]);
      expect(JSON.stringify(Properties.BucketEncryption)).toContain('aws:kms');
    }
    for (const { Properties } of everywhere('AWS::S3::BucketPolicy'))
      expect(JSON.stringify(Properties)).toContain('aws:SecureTransport');
  });
});

describe('functions', () => {
  const rulesOf = (side: string) =>
    Object.fromEntries(
      resources(`service-${side}`, 'AWS::Events::Rule').map(({ Properties }) => [Properties.Name, Properties]),
    );

  test("run by the clock, for events and for objects of their own Region's bucket, and only where the workload is active", () => {
    for (const [side, region] of [
      ['primary', 'us-east-1'],
      ['recovery', 'us-west-2'],
    ] as const) {
      const rules = rulesOf(side);
      expect(rules['dev-photos-digest-schedule']).toMatchObject({ ScheduleExpression: 'cron(0 3 * * ? *)' });
      expect(rules['dev-photos-digest-events']).toMatchObject({ EventPattern: { source: ['my.shop'] } });
      expect(rules['dev-photos-digest-objects']).toMatchObject({
        EventPattern: {
          'detail-type': ['Object Created'],
          detail: {
            bucket: { name: [`dev-photos-photos-111122223333-${region}`] },
            object: { key: [{ prefix: 'albums/' }] },
          },
        },
      });
      expect(Object.keys(rules)).toHaveLength(3);
      for (const rule of Object.values(rules) as Resource['Properties'][])
        expect(rule.State).toEqual({ 'Fn::If': ['IsActive', 'ENABLED', 'DISABLED'] });
    }
  });

  test('hear of objects through EventBridge on both sides', () => {
    for (const { Properties } of everywhere('AWS::S3::Bucket'))
      expect(Properties.NotificationConfiguration).toEqual({ EventBridgeConfiguration: { EventBridgeEnabled: true } });
  });
});

describe('who is told', () => {
  const alarms = (side: string) =>
    ['service', 'database', 'control', 'traffic'].flatMap((room) =>
      resources(`${room}-${side}`, 'AWS::CloudWatch::Alarm'),
    );

  test("every alarm tells its own Region's topic, both when it rings and when it stops, and says what it means", () => {
    for (const [side, region] of [
      ['primary', 'us-east-1'],
      ['recovery', 'us-west-2'],
    ] as const) {
      const topic = [`arn:aws:sns:${region}:111122223333:dev-dr-notices`];
      const ringing = alarms(side).filter(({ Properties }) => Properties.AlarmName !== 'dev-photos-latch');
      expect(ringing.length).toBeGreaterThanOrEqual(8);
      for (const { Properties } of ringing) {
        expect(Properties).toMatchObject({ AlarmActions: topic, OKActions: topic });
        expect(String(Properties.AlarmDescription).length).toBeGreaterThan(40);
      }
      expect(one(`foundation-${side}`, 'AWS::SNS::Topic')).toMatchObject({ TopicName: 'dev-dr-notices' });
    }
  });

  test("the latch's alarm moves DNS and does nothing else", () => {
    const latch = alarms('recovery').find(({ Properties }) => Properties.AlarmName === 'dev-photos-latch');
    expect(latch?.Properties).not.toHaveProperty('AlarmActions');
    expect(latch?.Properties.TreatMissingData).toBe('ignore');
  });

  test('alarms and rules may use the topic and its key, for this account alone', () => {
    const policy = JSON.stringify(one('foundation-recovery', 'AWS::SNS::TopicPolicy').PolicyDocument);
    const key = JSON.stringify(one('foundation-recovery', 'AWS::KMS::Key').KeyPolicy);
    for (const document of [policy, key]) {
      expect(document).toContain('cloudwatch.amazonaws.com');
      expect(document).toContain('"aws:SourceAccount":"111122223333"');
    }
  });

  test('those named in the config get mail', () => {
    const told = resources('foundation-primary', 'AWS::SNS::Subscription').map(({ Properties }) => Properties);
    expect(told).toContainEqual(expect.objectContaining({ Protocol: 'email', Endpoint: 'on-call@photos.example' }));
  });

  test('webhooks are told by a function of the same Region, and no address of theirs is in a template', () => {
    for (const side of ['primary', 'recovery']) {
      const told = resources(`foundation-${side}`, 'AWS::SNS::Subscription').map(({ Properties }) => Properties);
      const endpoint = { 'Fn::GetAtt': ['NoticesTellFunction', 'Arn'] };
      expect(told).toContainEqual(expect.objectContaining({ Protocol: 'lambda', Endpoint: endpoint }));
    }
  });

  test('every function has a log group with an end, made before it', () => {
    for (const { template } of stacks.values()) {
      const functions = Object.values(template.Resources).filter(({ Type }) => Type === 'AWS::Lambda::Function');
      for (const { Properties, DependsOn = [] } of functions) {
        const groups = Object.entries(template.Resources).filter(
          ([, { Properties: group }]) => group?.LogGroupName === `/aws/lambda/${String(Properties.FunctionName)}`,
        );
        expect(groups, String(Properties.FunctionName)).toHaveLength(1);
        expect(groups[0]?.[1].Properties.RetentionInDays).toBe(30);
        expect(DependsOn).toContain(groups[0]?.[0]);
      }
    }
  });

  test('each Region has a dashboard', () => {
    for (const side of ['primary', 'recovery']) {
      const body = JSON.parse(String(one(`control-${side}`, 'AWS::CloudWatch::Dashboard').DashboardBody)) as {
        widgets: unknown[];
      };
      expect(body.widgets.length).toBeGreaterThanOrEqual(7);
    }
  });

  test('what takes tags has those of the config', () => {
    for (const type of ['AWS::SQS::Queue', 'AWS::S3::Bucket', 'AWS::RDS::DBInstance', 'AWS::Lambda::Function'])
      for (const { Properties } of everywhere(type))
        expect(Properties.Tags, type).toContainEqual({ Key: 'team', Value: 'media' });
  });
});

describe('what depends on the role', () => {
  test('asks the role: group sizes, event sources, upkeep rules', () => {
    for (const side of ['primary', 'recovery']) {
      expect(one(`service-${side}`, 'AWS::AutoScaling::AutoScalingGroup').MinSize).toEqual({
        'Fn::If': ['IsActive', '2', '0'],
      });
      expect(one(`service-${side}`, 'AWS::Lambda::EventSourceMapping').Enabled).toEqual({
        'Fn::If': ['IsActive', true, false],
      });
      const upkeep = resources(`control-${side}`, 'AWS::Events::Rule').filter(({ Properties }) =>
        /images|parameters/.test(String(Properties.Name)),
      );
      expect(upkeep).toHaveLength(3);
      for (const { Properties } of upkeep)
        expect(Properties.State).toEqual({ 'Fn::If': ['IsActive', 'ENABLED', 'DISABLED'] });
    }
  });

  test('the image is a pointer: a failover makes no launch template version', () => {
    for (const { Properties } of everywhere('AWS::EC2::LaunchTemplate')) {
      expect(JSON.stringify(Properties)).toContain('resolve:ssm:/pilot-light/dev/photos/image');
    }
  });
});

describe('traffic', () => {
  test('neither alias evaluates target health, and the primary follows the latch in the recovery Region', () => {
    const aliases = everywhere('AWS::Route53::RecordSet').filter(({ Properties }) => Properties.Type === 'A');
    expect(new Set(aliases.map(({ Properties }) => Properties.Failover))).toEqual(new Set(['PRIMARY', 'SECONDARY']));
    expect(aliases).toHaveLength(2);
    for (const { Properties } of aliases) expect(Properties.AliasTarget).toMatchObject({ EvaluateTargetHealth: false });
    const checks = resources('traffic-primary', 'AWS::Route53::HealthCheck').map(
      ({ Properties }) => Properties.HealthCheckConfig,
    );
    expect(checks).toContainEqual({
      Type: 'CLOUDWATCH_METRIC',
      AlarmIdentifier: { Name: 'dev-photos-latch', Region: 'us-west-2' },
      InsufficientDataHealthStatus: 'LastKnownStatus',
    });
  });
});

describe('control', () => {
  test('the machines stand in the recovery Region under the names of the seed', () => {
    const names = resources('control-recovery', 'AWS::StepFunctions::StateMachine').map(
      ({ Properties }) => Properties.StateMachineName,
    );
    expect(new Set(names)).toEqual(new Set(['dev-dr-failback', 'dev-dr-failover', 'dev-dr-switchover']));
    expect(resources('control-primary', 'AWS::StepFunctions::StateMachine')).toEqual([]);
  });

  test('every function of the contract stands on its sides, with concurrency of its own', () => {
    const deployed = everywhere('AWS::Lambda::Function').filter(({ Properties }) =>
      String(Properties.FunctionName).startsWith('dev-dr-'),
    );
    // Leases need a witness, and steps of its own the workload that has them.
    const absent: readonly string[] = ['guard', 'custom'];
    const expected = functionNames
      .filter((name) => !absent.includes(name))
      .flatMap((name) => functionSpecs[name].sides);
    expect(deployed).toHaveLength(expected.length);
    for (const { Properties } of deployed) expect(Properties.ReservedConcurrentExecutions).toBeGreaterThan(0);
  });
});

describe('an account that can spare no concurrency', () => {
  test('has control functions that share', () => {
    const app = new App({ outdir: join(mkdtempSync(join(tmpdir(), 'pilot-light-test-')), 'cdk.out') });
    new PilotLight(app, 'Photos', {
      config: { ...config, control: { reserveConcurrency: false }, functions: {} },
      baseDirectory: join(import.meta.dirname, '../../examples/photos'),
    });
    const functions = app
      .synth()
      .stacks.flatMap(({ template }) => Object.values((template as Template).Resources))
      .filter(({ Type }) => Type === 'AWS::Lambda::Function');
    expect(functions.length).toBeGreaterThan(10);
    for (const { Properties } of functions) expect(Properties).not.toHaveProperty('ReservedConcurrentExecutions');
  });
});

describe('roles', () => {
  const statements = () =>
    everywhere('AWS::IAM::Policy').flatMap(({ Properties }) =>
      (Properties.PolicyDocument as { Statement: { Action: string[]; Resource: string[] }[] }).Statement.map(
        (statement) => ({
          role: JSON.stringify(Properties.Roles),
          ...statement,
        }),
      ),
    );

  test('no action is a wildcard', () => {
    for (const { Action } of statements()) for (const action of Action) expect(action).not.toContain('*');
  });

  test('none may delete a database or its snapshots', () => {
    const actions = statements().flatMap(({ Action }) => Action);
    expect(actions.filter((action) => action.startsWith('rds:Delete'))).toEqual([]);
  });

  test('a resource is `*` only where AWS knows no other', () => {
    const wide = new Set(
      statements()
        .filter(({ Resource }) => Resource.includes('*'))
        .flatMap(({ Action }) => Action),
    );
    expect([...wide].sort()).toEqual([
      'autoscaling:DescribeAutoScalingGroups',
      'autoscaling:DescribeScalingActivities',
      'cloudwatch:GetMetricData',
      'cloudwatch:PutMetricData',
      'ec2:DescribeImages',
      'ec2:DescribeNetworkInterfaces',
      'ec2:DescribeSecurityGroups',
      'ec2:DescribeSubnets',
      'elasticloadbalancing:DescribeLoadBalancers',
      'elasticloadbalancing:DescribeTargetHealth',
      'lambda:GetAccountSettings',
      'lambda:ListEventSourceMappings',
    ]);
  });
});
