/** The foundation of a side: network, security groups, key, the install function, and the role and image pointers it makes. */

import { CfnOutput, CfnParameter, aws_ec2 as ec2, Fn, aws_kms as kms } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { defaultCidr, networkOf, subnetBits } from '../workload/cidr.ts';
import { regionOf } from '../workload/config.ts';
import { acknowledge } from './acknowledged.ts';
import { controlFunction } from './control-function.ts';
import { installed } from './installed.ts';
import { noticeTopic, tellersMayUseKey } from './notices.ts';
import type { Place } from './place.ts';
import { SideStack } from './place.ts';

/** Services the private side calls; S3 has a gateway endpoint, which costs nothing. */
const interfaceEndpoints = ['ssm', 'sqs', 'secretsmanager', 'kms'] as const;

const stockImage = '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64';

export class FoundationStack extends SideStack {
  readonly vpcId: string;
  readonly publicSubnets: string[] = [];
  readonly privateSubnets: string[] = [];
  readonly groups: Readonly<Record<'balancer' | 'application' | 'database' | 'functions', string>>;
  readonly keyArn: string;

  constructor(scope: Construct, place: Place) {
    super(scope, 'foundation', place, `Pilot Light: network, key and pointers of the ${place.side} Region`);
    const vpc = new ec2.CfnVPC(this, 'Vpc', {
      cidrBlock: this.#cidr(),
      enableDnsHostnames: true,
      enableDnsSupport: true,
      tags: [named(place, 'vpc')],
    });
    acknowledge(vpc, 'VPC7');
    this.vpcId = vpc.ref;
    const privateTables = this.#subnets(vpc);
    this.groups = this.#securityGroups();
    this.#endpoints(privateTables);
    const key = this.#key();
    this.keyArn = key.attrArn;
    noticeTopic(this, key);
    this.#pointers();
  }

  #cidr(): string {
    const { workload, side } = this.place;
    return workload[side].cidr ?? defaultCidr[side];
  }

  #subnets(vpc: ec2.CfnVPC): string[] {
    const gateway = new ec2.CfnInternetGateway(this, 'InternetGateway', { tags: [named(this.place, 'internet')] });
    const attached = new ec2.CfnVPCGatewayAttachment(this, 'InternetGatewayAttachment', {
      vpcId: vpc.ref,
      internetGatewayId: gateway.ref,
    });
    const network = networkOf(this.#cidr());
    if (network === undefined) throw new Error(`${this.#cidr()} was accepted, and is no network.`);
    const blocks = Fn.cidr(vpc.attrCidrBlock, 4, String(subnetBits(network)));
    const privateTables: string[] = [];
    for (const [index, zone] of this.availabilityZones.entries()) {
      for (const kind of ['Public', 'Private'] as const) {
        const id = `${kind}Subnet${index + 1}`;
        const subnet = new ec2.CfnSubnet(this, id, {
          vpcId: vpc.ref,
          availabilityZone: zone,
          cidrBlock: Fn.select(kind === 'Public' ? index : index + 2, blocks),
          mapPublicIpOnLaunch: false,
          tags: [named(this.place, `${kind.toLowerCase()}-${index + 1}`)],
        });
        const table = new ec2.CfnRouteTable(this, `${id}Routes`, {
          vpcId: vpc.ref,
          tags: [named(this.place, `${kind.toLowerCase()}-${index + 1}`)],
        });
        new ec2.CfnSubnetRouteTableAssociation(this, `${id}Association`, {
          subnetId: subnet.ref,
          routeTableId: table.ref,
        });
        if (kind === 'Public') {
          const route = new ec2.CfnRoute(this, `${id}Internet`, {
            routeTableId: table.ref,
            destinationCidrBlock: '0.0.0.0/0',
            gatewayId: gateway.ref,
          });
          route.addResourceDependency(attached);
          this.publicSubnets.push(subnet.ref);
        } else {
          this.privateSubnets.push(subnet.ref);
          privateTables.push(table.ref);
        }
      }
    }
    return privateTables;
  }

  /** Balancer to application to database, and nothing else: each group admits the one before it. */
  #securityGroups(): FoundationStack['groups'] {
    const { names, workload } = this.place;
    const group = (
      id: string,
      name: string,
      description: string,
      ingress: ec2.CfnSecurityGroup.IngressProperty[] = [],
    ) => {
      const made = new ec2.CfnSecurityGroup(this, id, {
        vpcId: this.vpcId,
        groupName: name,
        groupDescription: description,
        securityGroupIngress: ingress,
        securityGroupEgress: [{ ipProtocol: '-1', cidrIp: '0.0.0.0/0' }],
      });
      if (name === names.securityGroups.balancer) acknowledge(made, 'EC23');
      return made.attrGroupId;
    };
    const from = (source: string, port: number, description: string): ec2.CfnSecurityGroup.IngressProperty => ({
      ipProtocol: 'tcp',
      fromPort: port,
      toPort: port,
      sourceSecurityGroupId: source,
      description,
    });
    const balancer = group('BalancerGroup', names.securityGroups.balancer, 'The load balancer: open to the internet', [
      { ipProtocol: 'tcp', fromPort: 80, toPort: 80, cidrIp: '0.0.0.0/0', description: 'customers' },
    ]);
    const application = group(
      'ApplicationGroup',
      names.securityGroups.application,
      'The instances: reached by the load balancer only',
      [from(balancer, workload.compute.port, 'the load balancer')],
    );
    const functions = group('FunctionsGroup', names.securityGroups.functions, 'The SQL function');
    const database = group(
      'DatabaseGroup',
      names.securityGroups.database,
      'The database: reached by the application and the SQL function only',
      [from(application, 3306, 'the application'), from(functions, 3306, 'the SQL function')],
    );
    return { balancer, application, functions, database };
  }

  #endpoints(privateTables: string[]): void {
    const region = regionOf(this.place.workload, this.place.side);
    new ec2.CfnVPCEndpoint(this, 'S3Endpoint', {
      vpcId: this.vpcId,
      vpcEndpointType: 'Gateway',
      serviceName: `com.amazonaws.${region}.s3`,
      routeTableIds: privateTables,
    });
    const endpointGroup = new ec2.CfnSecurityGroup(this, 'EndpointsGroup', {
      vpcId: this.vpcId,
      groupDescription: 'Interface endpoints: reached by the application and the SQL function',
      securityGroupIngress: [this.groups.application, this.groups.functions].map((source) => ({
        ipProtocol: 'tcp',
        fromPort: 443,
        toPort: 443,
        sourceSecurityGroupId: source,
        description: 'HTTPS',
      })),
    }).attrGroupId;
    for (const service of interfaceEndpoints) {
      new ec2.CfnVPCEndpoint(this, `${service[0]?.toUpperCase()}${service.slice(1)}Endpoint`, {
        vpcId: this.vpcId,
        vpcEndpointType: 'Interface',
        serviceName: `com.amazonaws.${region}.${service}`,
        subnetIds: this.privateSubnets,
        securityGroupIds: [endpointGroup],
        privateDnsEnabled: true,
      });
    }
  }

  #key(): kms.CfnKey {
    const { names, workload } = this.place;
    const key = new kms.CfnKey(this, 'DataKey', {
      description: `Pilot Light: data of ${names.prefix} in this Region`,
      enableKeyRotation: true,
      keyPolicy: {
        Version: '2012-10-17',
        Statement: [
          {
            Sid: 'AccountDecidesByIam',
            Effect: 'Allow',
            Principal: { AWS: `arn:aws:iam::${workload.account}:root` },
            Action: 'kms:*',
            Resource: '*',
          },
          tellersMayUseKey(workload.account),
          // Auto Scaling's service-linked role can be given no policy: without these two, instances of a copied image are terminated at launch.
          autoScalingMay('AutoScalingUsesDisks', workload.account, diskUses),
          autoScalingMay('AutoScalingGrantsDisks', workload.account, ['kms:CreateGrant'], {
            Bool: { 'kms:GrantIsForAWSResource': 'true' },
          }),
        ],
      },
    });
    new kms.CfnAlias(this, 'DataKeyAlias', { aliasName: names.keyAlias, targetKeyId: key.ref });
    return key;
  }

  /** The role parameter and the image pointer: made once, then Pilot Light's to write. */
  #pointers(): void {
    const { names, workload, side } = this.place;
    const install = controlFunction(this, 'install');
    const role = installed(this, 'RoleParameter', {
      Kind: 'parameter',
      Name: names.roleParameter,
      Value: side === 'primary' ? 'active' : 'standby',
      Type: 'String',
    });
    role.addResourceDependency(install);
    const seed =
      side === 'primary'
        ? workload.compute.image
        : new CfnParameter(this, 'StockImage', { type: 'AWS::SSM::Parameter::Value<String>', default: stockImage })
            .valueAsString;
    const image = installed(this, 'ImagePointer', {
      Kind: 'parameter',
      Name: names.imageParameter,
      Value: seed,
      Type: 'String',
      DataType: 'aws:ec2:image',
    });
    image.addResourceDependency(install);
    new CfnOutput(this, 'VpcId', { value: this.vpcId });
  }
}

const named = ({ names }: Place, what: string) => ({ key: 'Name', value: `${names.prefix}-${what}` });

/** Source: Auto Scaling User Guide, "Required AWS KMS key policy for use with encrypted volumes". */
const diskUses = ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'];

/** By condition: KMS refuses a policy whose principal isn't there yet, and the first group of an account makes this role. */
const autoScalingMay = (sid: string, account: string, actions: readonly string[], condition: object = {}) => ({
  Sid: sid,
  Effect: 'Allow',
  Principal: { AWS: '*' },
  Action: actions,
  Resource: '*',
  Condition: {
    StringEquals: { 'kms:CallerAccount': account },
    ArnLike: {
      'aws:PrincipalArn': `arn:aws:iam::${account}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling*`,
    },
    ...condition,
  },
});
