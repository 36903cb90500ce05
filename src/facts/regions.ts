/** Regions and the sets that matter to recovery. */

/** Commercial Regions with RDS for MySQL, Auto Scaling and Step Functions. Source: botocore 1.43 endpoints data. */
export const regions = [
  'af-south-1',
  'ap-east-1',
  'ap-northeast-1',
  'ap-northeast-2',
  'ap-northeast-3',
  'ap-south-1',
  'ap-south-2',
  'ap-southeast-1',
  'ap-southeast-2',
  'ap-southeast-3',
  'ap-southeast-4',
  'ca-central-1',
  'ca-west-1',
  'eu-central-1',
  'eu-central-2',
  'eu-north-1',
  'eu-south-1',
  'eu-south-2',
  'eu-west-1',
  'eu-west-2',
  'eu-west-3',
  'il-central-1',
  'me-central-1',
  'me-south-1',
  'sa-east-1',
  'us-east-1',
  'us-east-2',
  'us-west-1',
  'us-west-2',
] as const;

export type Region = (typeof regions)[number];

export const isRegion = (value: string): value is Region => (regions as readonly string[]).includes(value);

/** Where the control planes of IAM, Route 53 and S3 bucket configuration live. Source: AWS Fault Isolation Boundaries. */
export const globalControlPlaneRegion: Region = 'us-east-1';

/** Where Global Accelerator's control plane, and so its API, stands. Source: AWS Fault Isolation Boundaries, "Global services". */
export const acceleratorControlPlaneRegion: Region = 'us-west-2';

/**
 * The sets of Regions that a DynamoDB global table with strong consistency may span: three Regions of one set, replicas or a witness.
 * Source: DynamoDB Developer Guide, "How DynamoDB global tables work", "Multi-Region strong consistency (MRSC)"; botocore 1.43,
 * dynamodb CreateGlobalTableWitnessGroupMemberAction.
 */
export const strongTableRegionSets: readonly (readonly Region[])[] = [
  ['us-east-1', 'us-east-2', 'us-west-2'],
  ['eu-west-1', 'eu-west-2', 'eu-west-3', 'eu-central-1'],
  ['ap-northeast-1', 'ap-northeast-2', 'ap-northeast-3'],
];

/** The set all of these Regions are in, if there is one. */
export const strongTableRegionSet = (wanted: readonly string[]): readonly Region[] | undefined =>
  strongTableRegionSets.find((set) => wanted.every((region) => (set as readonly string[]).includes(region)));
