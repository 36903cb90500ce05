/** What a deployment would do to each stack and resource: plain data, shown by `diff`, judged before `deploy`. */

export interface PropertyChange {
  /** `SecurityGroupIngress[0].CidrIp` */
  readonly path: string;
  readonly before?: unknown;
  readonly after?: unknown;
  readonly replaces: 'never' | 'maybe' | 'always';
}

export interface ResourcePlan {
  readonly logicalId: string;
  readonly physicalId?: string;
  readonly type: string;
  readonly action: 'add' | 'change' | 'replace' | 'maybe replace' | 'remove';
  /** What goes, or is replaced, is kept and no longer managed. */
  readonly kept?: boolean;
  readonly properties: readonly PropertyChange[];
  /** Its properties as declared, before and after. */
  readonly before?: Readonly<Record<string, unknown>>;
  readonly after?: Readonly<Record<string, unknown>>;
}

export interface StackPlan {
  readonly id: string;
  readonly stackName: string;
  readonly region: string;
  /** `remake`: a stack that never came up is deleted first. */
  readonly action: 'create' | 'remake' | 'update' | 'none';
  readonly resources: readonly ResourcePlan[];
  /** Resources as declared. */
  readonly of: number;
  /** What this was read from, where no change set could be made: why. */
  readonly templateOnly?: string;
}

/** Resources that hold what can't be made again. */
export const statefulTypes: ReadonlySet<string> = new Set([
  'AWS::DynamoDB::GlobalTable',
  'AWS::DynamoDB::Table',
  'AWS::KMS::Key',
  'AWS::RDS::DBCluster',
  'AWS::RDS::DBInstance',
  'AWS::Route53::HostedZone',
  'AWS::S3::Bucket',
  'AWS::SecretsManager::Secret',
  'AWS::SQS::Queue',
]);

/** Why a resource's change is refused: what it holds would be gone. */
export function lossOf({ action, kept, type }: ResourcePlan): string | undefined {
  if (!statefulTypes.has(type)) return undefined;
  // A new one stands beside the old, empty: also where the old one is kept.
  if (action === 'replace')
    return kept ? 'would be replaced by an empty one' : 'would be replaced, and what it holds lost';
  if (action !== 'remove' || kept || type === 'AWS::SQS::Queue') return undefined;
  return 'would be deleted with what it holds';
}

export const hasChanges = (plan: StackPlan): boolean => plan.action !== 'none';
