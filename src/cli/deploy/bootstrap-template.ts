/**
 * The bootstrap stack an account and Region need before CDK assemblies can be deployed there: a smaller version of `CDKToolkit`, with
 * the names the stock CDK CLI expects. Left out are container images, a key of its own (files are encrypted with S3's), permission
 * boundaries and trust of other accounts.
 */

export const bootstrapStackName = 'CDKToolkit';
const defaultQualifier = 'hnb659fds';

/** The version of `cdk bootstrap` whose roles and permissions these are: the one of aws-cdk 2.1148. */
export const bootstrapVersion = 33;

/** CDK's own bootstrap doesn't overwrite a stack of another variant. */
export const bootstrapVariant = 'Pilot Light: file assets';

export function bootstrapTemplate(qualifier = defaultQualifier): object {
  const name = (what: string) => ({ 'Fn::Sub': `cdk-${qualifier}-${what}-\${AWS::AccountId}-\${AWS::Region}` });
  const staging = [{ 'Fn::GetAtt': ['StagingBucket', 'Arn'] }, { 'Fn::Sub': '${StagingBucket.Arn}/*' }];
  return {
    Description: 'What deploying CDK assemblies needs in this account and Region',
    Parameters: { BootstrapVariant: { Type: 'String', Default: bootstrapVariant } },
    Resources: {
      StagingBucket: {
        Type: 'AWS::S3::Bucket',
        Properties: {
          BucketName: name('assets'),
          BucketEncryption: {
            ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
          },
          PublicAccessBlockConfiguration: {
            BlockPublicAcls: true,
            BlockPublicPolicy: true,
            IgnorePublicAcls: true,
            RestrictPublicBuckets: true,
          },
          VersioningConfiguration: { Status: 'Enabled' },
        },
        DeletionPolicy: 'Retain',
        UpdateReplacePolicy: 'Retain',
      },
      FilePublishingRole: accountRole(name('file-publishing-role'), [
        allow(
          [
            's3:GetObject*',
            's3:GetBucket*',
            's3:GetEncryptionConfiguration',
            's3:List*',
            's3:DeleteObject*',
            's3:PutObject*',
            's3:Abort*',
          ],
          staging,
        ),
      ]),
      LookupRole: accountRole(name('lookup-role'), [
        // Reads of the services CDK's context providers ask.
        allow(
          [
            'cloudformation:Describe*',
            'cloudformation:Get*',
            'cloudformation:List*',
            'ec2:Describe*',
            'elasticloadbalancing:Describe*',
            'route53:List*',
            'kms:ListAliases',
            'ssm:GetParameter*',
          ],
          '*',
        ),
      ]),
      DeploymentActionRole: accountRole(name('deploy-role'), [
        allow(
          [
            'cloudformation:ContinueUpdateRollback',
            'cloudformation:CreateChangeSet',
            'cloudformation:CreateStack',
            'cloudformation:DeleteChangeSet',
            'cloudformation:DeleteStack',
            'cloudformation:Describe*',
            'cloudformation:ExecuteChangeSet',
            'cloudformation:Get*',
            'cloudformation:List*',
            'cloudformation:RollbackStack',
            'cloudformation:SetStackPolicy',
            'cloudformation:UpdateStack',
            'cloudformation:UpdateTerminationProtection',
            'cloudformation:ValidateTemplate',
            'sts:GetCallerIdentity',
          ],
          '*',
        ),
        allow(['iam:PassRole'], { 'Fn::GetAtt': ['CloudFormationExecutionRole', 'Arn'] }),
        allow(['s3:GetObject*', 's3:GetBucket*', 's3:List*'], staging),
        allow(['ssm:GetParameter', 'ssm:GetParameters'], {
          'Fn::Sub': `arn:\${AWS::Partition}:ssm:\${AWS::Region}:\${AWS::AccountId}:parameter/cdk-bootstrap/${qualifier}/version`,
        }),
      ]),
      CloudFormationExecutionRole: {
        Type: 'AWS::IAM::Role',
        Properties: {
          RoleName: name('cfn-exec-role'),
          AssumeRolePolicyDocument: trust({ Service: 'cloudformation.amazonaws.com' }),
          ManagedPolicyArns: [{ 'Fn::Sub': 'arn:${AWS::Partition}:iam::aws:policy/AdministratorAccess' }],
        },
      },
      CdkBootstrapVersion: {
        Type: 'AWS::SSM::Parameter',
        // Last: whoever reads it may rely on the rest.
        DependsOn: [
          'StagingBucket',
          'FilePublishingRole',
          'LookupRole',
          'DeploymentActionRole',
          'CloudFormationExecutionRole',
        ],
        Properties: {
          Type: 'String',
          Name: `/cdk-bootstrap/${qualifier}/version`,
          Value: String(bootstrapVersion),
        },
      },
    },
    Outputs: {
      BucketName: { Value: { Ref: 'StagingBucket' } },
      BucketDomainName: { Value: { 'Fn::GetAtt': ['StagingBucket', 'RegionalDomainName'] } },
      BootstrapVersion: { Value: String(bootstrapVersion) },
    },
  };
}

/** A role the account's own principals may assume, but no third party on their behalf (it would send an external id). */
const accountRole = (roleName: object, statements: object[]): object => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    RoleName: roleName,
    AssumeRolePolicyDocument: trust(
      { AWS: { Ref: 'AWS::AccountId' } },
      { Condition: { Null: { 'sts:ExternalId': 'true' } } },
      { Action: 'sts:TagSession', Effect: 'Allow', Principal: { AWS: { Ref: 'AWS::AccountId' } } },
    ),
    Policies: [{ PolicyName: 'default', PolicyDocument: { Version: '2012-10-17', Statement: statements } }],
  },
});

const trust = (principal: object, extra: object = {}, ...others: object[]): object => ({
  Version: '2012-10-17',
  Statement: [{ Action: 'sts:AssumeRole', Effect: 'Allow', Principal: principal, ...extra }, ...others],
});

const allow = (actions: string[], resource: unknown): object => ({
  Effect: 'Allow',
  Action: actions,
  Resource: resource,
});
