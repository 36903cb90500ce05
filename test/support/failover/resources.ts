/** What a deployed workload of the example's shape has in its two Regions, made by the calls a deployment makes. */

import { functionsOf } from '../../../src/functions/contract.ts';
import { stockImageId } from '../../../src/sandbox/instances/stock-image.ts';
import type { Workload } from '../../../src/workload/config.ts';
import type { Side } from '../../../src/workload/judged.ts';
import { regionOf } from '../../../src/workload/judged.ts';
import type { Names } from '../../../src/workload/names.ts';
import { arnsOf } from '../../../src/workload/names.ts';
import { zip } from '../../sandbox/functions/zip.ts';

export interface Deployment {
  readonly workload: Workload;
  readonly names: Names;
  /** As AWS itself. */
  readonly call: <Output>(service: string, operation: string, input: object, region: string) => Promise<Output>;
}

const role = 'arn:aws:iam::111122223333:role/control';
const code = zip({ 'index.js': '// run by the test' });

/** Everything but the databases, which take their time. */
export async function deploySide(deployment: Deployment, side: Side): Promise<void> {
  const { workload, names } = deployment;
  const region = regionOf(workload, side);
  const call = <Output>(service: string, operation: string, input: object) =>
    deployment.call<Output>(service, operation, input, region);
  const active = side === 'primary';

  const { Vpc } = await call<{ Vpc: { VpcId: string } }>('ec2', 'CreateVpc', { CidrBlock: '10.0.0.0/16' });
  const subnet = async (cidr: string, letter: string): Promise<string> =>
    (
      await call<{ Subnet: { SubnetId: string } }>('ec2', 'CreateSubnet', {
        VpcId: Vpc.VpcId,
        CidrBlock: cidr,
        AvailabilityZone: `${region}${letter}`,
      })
    ).Subnet.SubnetId;
  const open = [await subnet('10.0.0.0/24', 'a'), await subnet('10.0.1.0/24', 'b')];
  const inner = [await subnet('10.0.2.0/24', 'a'), await subnet('10.0.3.0/24', 'b')];
  const { InternetGateway } = await call<{ InternetGateway: { InternetGatewayId: string } }>(
    'ec2',
    'CreateInternetGateway',
    {},
  );
  const { InternetGatewayId } = InternetGateway;
  await call('ec2', 'AttachInternetGateway', { InternetGatewayId, VpcId: Vpc.VpcId });
  const groups: Record<string, string> = {};
  for (const [key, GroupName] of Object.entries(names.securityGroups)) {
    const input = { VpcId: Vpc.VpcId, GroupName, Description: GroupName };
    groups[key] = (await call<{ GroupId: string }>('ec2', 'CreateSecurityGroup', input)).GroupId;
  }
  await call('ec2', 'AuthorizeSecurityGroupIngress', {
    GroupId: groups.balancer,
    IpPermissions: [{ IpProtocol: 'tcp', FromPort: 80, ToPort: 80, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
  });
  await call('ec2', 'AuthorizeSecurityGroupIngress', {
    GroupId: groups.application,
    IpPermissions: [
      { IpProtocol: 'tcp', FromPort: 8080, ToPort: 8080, UserIdGroupPairs: [{ GroupId: groups.balancer }] },
    ],
  });

  await call('elasticloadbalancing', 'CreateLoadBalancer', {
    Name: names.loadBalancer,
    Subnets: open,
    SecurityGroups: [groups.balancer],
  });
  await call('ssm', 'PutParameter', {
    Name: names.roleParameter,
    Type: 'String',
    Value: active ? 'active' : 'standby',
  });
  for (const [name, { capacity }] of Object.entries(workload.compute)) {
    await call('ssm', 'PutParameter', { Name: names.imageParameter(name), Type: 'String', Value: stockImageId });
    await call('ec2', 'CreateLaunchTemplate', {
      LaunchTemplateName: names.group(name),
      LaunchTemplateData: {
        ImageId: `resolve:ssm:${names.imageParameter(name)}`,
        InstanceType: 't3.micro',
        SecurityGroupIds: [groups.application],
      },
    });
    const { TargetGroups } = await call<{ TargetGroups: { TargetGroupArn: string }[] }>(
      'elasticloadbalancing',
      'CreateTargetGroup',
      { Name: names.targetGroup(name), Protocol: 'HTTP', Port: 8080, VpcId: Vpc.VpcId },
    );
    const arn = TargetGroups[0]?.TargetGroupArn ?? '';
    const { LoadBalancers } = await call<{ LoadBalancers: { LoadBalancerArn: string }[] }>(
      'elasticloadbalancing',
      'DescribeLoadBalancers',
      { Names: [names.loadBalancer] },
    );
    await call('elasticloadbalancing', 'CreateListener', {
      LoadBalancerArn: LoadBalancers[0]?.LoadBalancerArn,
      Protocol: 'HTTP',
      Port: 80,
      DefaultActions: [{ Type: 'forward', TargetGroupArn: arn }],
    });
    await call('autoscaling', 'CreateAutoScalingGroup', {
      AutoScalingGroupName: names.group(name),
      LaunchTemplate: { LaunchTemplateName: names.group(name), Version: '$Latest' },
      MinSize: active ? capacity.min : 0,
      DesiredCapacity: active ? capacity.desired : 0,
      MaxSize: capacity.max,
      VPCZoneIdentifier: inner.join(','),
      TargetGroupARNs: [arn],
    });
  }

  for (const Name of active ? [names.masterSecret, names.applicationSecret] : []) {
    const AddReplicaRegions = [{ Region: workload.recovery.region }];
    await call('secretsmanager', 'CreateSecret', { Name, SecretString: '{"password":"first"}', AddReplicaRegions });
  }
  const { KeyMetadata } = await call<{ KeyMetadata: { KeyId: string } }>('kms', 'CreateKey', {});
  await call('kms', 'CreateAlias', { AliasName: names.keyAlias, TargetKeyId: KeyMetadata.KeyId });
  await call('rds', 'CreateDBSubnetGroup', {
    DBSubnetGroupName: names.subnetGroup,
    DBSubnetGroupDescription: 'data',
    SubnetIds: inner,
  });
  await call('rds', 'CreateDBParameterGroup', {
    DBParameterGroupName: names.databaseGroup,
    DBParameterGroupFamily: 'mysql8.0',
    Description: 'data',
  });

  for (const rule of [names.imageRule, names.parameterRule, names.reconcileRule, ...names.functionRules]) {
    await call('events', 'PutRule', {
      Name: rule,
      EventPattern: JSON.stringify({ source: [`test.${rule}`] }),
      State: active ? 'ENABLED' : 'DISABLED',
    });
  }
  for (const [name, { queue }] of Object.entries(workload.functions)) {
    const FunctionName = names.workloadFunction(name);
    await makeFunction(call, FunctionName);
    if (queue === undefined) continue;
    await call('sqs', 'CreateQueue', { QueueName: names.queue(queue), Attributes: { VisibilityTimeout: '180' } });
    const EventSourceArn = arnsOf(workload).queue(side, queue);
    await call('lambda', 'CreateEventSourceMapping', { FunctionName, EventSourceArn, Enabled: active });
  }
  for (const name of functionsOf(workload, side)) await makeFunction(call, names.controlFunction(name));
  for (const bucket of workload.buckets) {
    const Bucket = names.bucket(bucket, side);
    await call('s3', 'CreateBucket', {
      Bucket,
      ...(region === 'us-east-1' ? {} : { CreateBucketConfiguration: { LocationConstraint: region } }),
    });
    await call('s3', 'PutBucketVersioning', { Bucket, VersioningConfiguration: { Status: 'Enabled' } });
  }
}

const makeFunction = (
  call: (service: string, operation: string, input: object) => Promise<unknown>,
  FunctionName: string,
) =>
  call('lambda', 'CreateFunction', {
    FunctionName,
    Code: { ZipFile: code },
    Runtime: 'nodejs20.x',
    Handler: 'index.handler',
    Role: role,
    Timeout: 60,
  });

export const createDatabase = ({ call, names, workload }: Deployment): Promise<unknown> =>
  call(
    'rds',
    'CreateDBInstance',
    {
      DBInstanceIdentifier: names.database,
      Engine: 'mysql',
      EngineVersion: '8.0',
      DBInstanceClass: workload.database.class,
      DBName: workload.database.name,
      AllocatedStorage: 20,
      MasterUsername: 'admin',
      MasterUserPassword: 'correct-horse',
      BackupRetentionPeriod: workload.database.backupRetention,
      // The tests' clock starts at noon: no backup comes between.
      PreferredBackupWindow: '03:00-03:30',
      DBParameterGroupName: names.databaseGroup,
      DBSubnetGroupName: names.subnetGroup,
      StorageEncrypted: true,
      KmsKeyId: names.keyAlias,
    },
    workload.primary.region,
  );

export async function createReplica({ call, names, workload }: Deployment): Promise<void> {
  await call(
    'rds',
    'CreateDBInstanceReadReplica',
    {
      DBInstanceIdentifier: names.database,
      SourceDBInstanceIdentifier: arnsOf(workload).database('primary'),
      DBInstanceClass: workload.database.class,
      DBParameterGroupName: names.databaseGroup,
      DBSubnetGroupName: names.subnetGroup,
      KmsKeyId: names.keyAlias,
    },
    workload.recovery.region,
  );
}
