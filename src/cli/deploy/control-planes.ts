/**
 * Which changes need a control plane that isn't the stack's own Region's: IAM, DNS and bucket configuration stand in us-east-1 for every
 * Region; some resources call the other Region. Everything else can be deployed, updated and rolled back while those are gone.
 *
 * Source: AWS Fault Isolation Boundaries, "Global services"; aws-facts 10 for replicas.
 */

import { globalControlPlaneRegion } from '../../facts/regions.ts';
import type { ResourcePlan, StackPlan } from './stack-plan.ts';

export const planes = ['IAM', 'DNS', 'bucket configuration', 'the other Region'] as const;
export type Plane = (typeof planes)[number];

export interface Touch {
  readonly stackName: string;
  readonly region: string;
  readonly logicalId: string;
  readonly type: string;
  readonly plane: Plane;
  readonly why: string;
}

/** `regions` are those of the workload. */
export function touchesOf(plans: readonly StackPlan[], regions: readonly string[]): Touch[] {
  return plans.flatMap(({ region, resources, stackName }) =>
    resources.flatMap((resource) => {
      const others = regions.filter((other) => other !== region);
      return reasons(resource, others).map(([plane, why]) => ({
        stackName,
        region,
        logicalId: resource.logicalId,
        type: resource.type,
        plane,
        why,
      }));
    }),
  );
}

/** Whether a touch can't be made while these Regions are gone. */
export const cannotWithout = ({ plane, region }: Touch, dark: readonly string[]): boolean =>
  plane === 'the other Region' ? dark.some((one) => one !== region) : dark.includes(globalControlPlaneRegion);

function reasons(resource: ResourcePlan, others: readonly string[]): [Plane, string][] {
  const { action, after, before, type } = resource;
  const properties = { ...before, ...after };
  if (type.startsWith('AWS::IAM::')) return [['IAM', `${action} of IAM`]];
  if (type.startsWith('AWS::Route53')) return [['DNS', `${action} of DNS`]];
  if (type.startsWith('AWS::S3::')) return [['bucket configuration', `${action} of a bucket's configuration`]];
  if (type === 'Custom::PilotLightInstall') return ofInstall(action, properties, others);
  if (type.startsWith('Custom::') || type === 'AWS::CloudFormation::CustomResource') {
    return [['the other Region', 'a custom resource may call anything']];
  }
  if (type === 'AWS::RDS::DBInstance' && properties.SourceDBInstanceIdentifier !== undefined) {
    return [['the other Region', 'CloudFormation waits until the replica replicates']];
  }
  if (type === 'AWS::SecretsManager::Secret' && properties.ReplicaRegions !== undefined) {
    return [['the other Region', 'the secret is replicated there']];
  }
  if (type === 'AWS::DynamoDB::GlobalTable') return [['the other Region', 'the table has copies there']];
  return [];
}

/** It acts when it is created and deleted; an update changes nothing. */
function ofInstall(
  action: ResourcePlan['action'],
  properties: Readonly<Record<string, unknown>>,
  others: readonly string[],
): [Plane, string][] {
  if (action === 'change' || properties.Kind !== 'replication') return [];
  const why = 'the reverse replication rule of the other bucket';
  return [
    ['bucket configuration', why],
    ...(others.includes(String(properties.Region)) ? ([['the other Region', why]] as [Plane, string][]) : []),
  ];
}
