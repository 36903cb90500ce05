/**
 * AWS-managed policies that applications commonly attach, with the permissions of their current default versions. An ARN that isn't
 * here is refused as unknown. Source: AWS Managed Policy Reference Guide, and the documents IAM itself gives, as moto 5.2.1 keeps them.
 */

interface Grant {
  readonly Sid?: string;
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
}

interface ManagedPolicy {
  readonly version: string;
  readonly document: string;
}

const prefix = 'arn:aws:iam::aws:policy/';

/** The policy of an ARN such as arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole. */
export const awsManaged = (arn: string): ManagedPolicy | undefined => documents.get(arn);

export const awsManagedArns = (): string[] => [...documents.keys()];

export const isAwsManaged = (arn: string): boolean => arn.startsWith(prefix);

export const administratorAccess = `${prefix}AdministratorAccess`;

const of = (service: string, names: string): string[] => names.split(' ').map((name) => `${service}:${name}`);

const writeLogs = of('logs', 'CreateLogGroup CreateLogStream PutLogEvents');

const managed: Readonly<Record<string, { version: string; grants: readonly Grant[] }>> = {
  AdministratorAccess: { version: 'v1', grants: [{ Action: '*' }] },
  AWSCloudFormationReadOnlyAccess: {
    version: 'v7',
    grants: [
      {
        Action: of(
          'cloudformation',
          'Describe* EstimateTemplateCost Get* List* ValidateTemplate Detect* BatchDescribe*',
        ),
      },
    ],
  },
  // What the CDK's bootstrap gives its lookups: of its 182nd version, the actions of the services here.
  ReadOnlyAccess: {
    version: 'v182',
    grants: [
      {
        Action: [
          ...of('autoscaling', 'Describe* GetPredictiveScalingForecast'),
          ...of(
            'cloudformation',
            'BatchDescribeTypeConfigurations Describe* Detect* Estimate* Get* List* ValidateTemplate',
          ),
          ...of('cloudwatch', 'Describe* GenerateQuery GenerateQueryResultsSummary Get* List*'),
          ...of('dynamodb', 'BatchGet* Describe* Get* List* PartiQLSelect Query Scan'),
          ...of('ec2', 'Describe* DescribeInstanceImageMetadata Get* ListImagesInRecycleBin'),
          ...of('ec2', 'ListSnapshotsInRecycleBin SearchLocalGatewayRoutes SearchTransitGatewayRoutes'),
          ...of('elasticloadbalancing', 'Describe*'),
          ...of('events', 'Describe* List* Test*'),
          ...of('iam', 'Generate* Get* List* Simulate*'),
          ...of('kms', 'Describe* Get* List*'),
          ...of('lambda', 'Get* List*'),
          ...of('logs', 'Describe* FilterLogEvents Get* ListAggregateLogGroupSummaries ListAnomalies'),
          ...of('logs', 'ListEntitiesForLogGroup ListIntegrations ListLogAnomalyDetectors ListLogDeliveries'),
          ...of('logs', 'ListLogGroupsForEntity ListLogGroupsForQuery ListScheduledQueries'),
          ...of('logs', 'ListSourcesForS3TableIntegration ListTagsForResource ListTagsLogGroup StartLiveTail'),
          ...of('logs', 'StartQuery StopLiveTail StopQuery TestMetricFilter'),
          ...of('rds', 'Describe* Download* List*'),
          ...of('route53', 'Get* List* Test*'),
          ...of('s3', 'DescribeJob Get* List*'),
          ...of('scheduler', 'GetSchedule GetScheduleGroup ListScheduleGroups ListSchedules ListTagsForResource'),
          ...of('secretsmanager', 'Describe* GetResourcePolicy List*'),
          ...of('sns', 'Check* Get* List*'),
          ...of('sqs', 'Get* List* Receive*'),
          ...of('ssm', 'Describe* Get* List*'),
          ...of('states', 'Describe* GetExecutionHistory List* ValidateStateMachineDefinition'),
          ...of('sts', 'GetAccessKeyInfo GetCallerIdentity GetSessionToken'),
        ],
      },
    ],
  },
  'service-role/AWSLambdaBasicExecutionRole': { version: 'v1', grants: [{ Action: writeLogs }] },
  'service-role/AWSLambdaVPCAccessExecutionRole': {
    version: 'v3',
    grants: [
      {
        Sid: 'AWSLambdaVPCAccessExecutionPermissions',
        Action: [
          ...writeLogs,
          ...of('ec2', 'CreateNetworkInterface DescribeNetworkInterfaces DescribeSubnets DeleteNetworkInterface'),
          ...of('ec2', 'AssignPrivateIpAddresses UnassignPrivateIpAddresses'),
        ],
      },
    ],
  },
  'service-role/AWSLambdaSQSQueueExecutionRole': {
    version: 'v1',
    grants: [{ Action: [...of('sqs', 'ReceiveMessage DeleteMessage GetQueueAttributes'), ...writeLogs] }],
  },
  AmazonSSMManagedInstanceCore: {
    version: 'v2',
    grants: [
      {
        Action: [
          ...of(
            'ssm',
            'DescribeAssociation GetDeployablePatchSnapshotForInstance GetDocument DescribeDocument GetManifest',
          ),
          ...of('ssm', 'GetParameter GetParameters ListAssociations ListInstanceAssociations PutInventory'),
          ...of('ssm', 'PutComplianceItems PutConfigurePackageResult UpdateAssociationStatus'),
          ...of('ssm', 'UpdateInstanceAssociationStatus UpdateInstanceInformation'),
        ],
      },
      { Action: of('ssmmessages', 'CreateControlChannel CreateDataChannel OpenControlChannel OpenDataChannel') },
      {
        Action: of('ec2messages', 'AcknowledgeMessage DeleteMessage FailMessage GetEndpoint GetMessages SendReply'),
      },
    ],
  },
  CloudWatchAgentServerPolicy: {
    version: 'v3',
    grants: [
      {
        Sid: 'CWACloudWatchServerPermissions',
        Action: [
          'cloudwatch:PutMetricData',
          ...of('ec2', 'DescribeVolumes DescribeTags'),
          ...of('logs', 'PutLogEvents PutRetentionPolicy DescribeLogStreams DescribeLogGroups CreateLogStream'),
          'logs:CreateLogGroup',
          ...of('xray', 'PutTraceSegments PutTelemetryRecords GetSamplingRules GetSamplingTargets'),
          'xray:GetSamplingStatisticSummaries',
        ],
      },
      {
        Sid: 'CWASSMServerPermissions',
        Action: 'ssm:GetParameter',
        Resource: 'arn:aws:ssm:*:*:parameter/AmazonCloudWatch-*',
      },
    ],
  },
  'service-role/AmazonRDSEnhancedMonitoringRole': {
    version: 'v1',
    grants: [
      {
        Sid: 'EnableCreationAndManagementOfRDSCloudwatchLogGroups',
        Action: of('logs', 'CreateLogGroup PutRetentionPolicy'),
        Resource: ['arn:aws:logs:*:*:log-group:RDS*'],
      },
      {
        Sid: 'EnableCreationAndManagementOfRDSCloudwatchLogStreams',
        Action: of('logs', 'CreateLogStream PutLogEvents DescribeLogStreams GetLogEvents'),
        Resource: ['arn:aws:logs:*:*:log-group:RDS*:log-stream:*'],
      },
    ],
  },
};

const documents = new Map(
  Object.entries(managed).map(([name, { version, grants }]): [string, ManagedPolicy] => [
    prefix + name,
    {
      version,
      document: JSON.stringify({
        Version: '2012-10-17',
        Statement: grants.map(({ Sid, Action, Resource = '*' }) => ({
          ...(Sid === undefined ? {} : { Sid }),
          Effect: 'Allow',
          Action,
          Resource,
        })),
      }),
    },
  ]),
);
