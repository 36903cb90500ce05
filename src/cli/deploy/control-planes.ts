/**
 * Which changes need a control plane that isn't the stack's own Region's: IAM, DNS and bucket configuration stand in us-east-1 for every
 * Region; some resources call the other Region. Everything else can be deployed, updated and rolled back while those are gone.
 *
 * Source: AWS Fault Isolation Boundaries, "Global services"; CloudFormation, AWS::RDS::DBInstance, for replicas.
 */

import { globalControlPlaneRegion } from '../../facts/regions.ts';
import type { ResourcePlan, StackPlan } from './stack-plan.ts';

export const planes = ['IAM', 'DNS', 'bucket configuration', 'the other Region'] as const;
export type Plane = (typeof planes)[number];

/** What of a stack's changes needs a plane, and why. */
export interface Touch {
  readonly stackName: string;
  readonly region: string;
  readonly plane: Plane;
  readonly resources: readonly { readonly logicalId: string; readonly type: string; readonly why?: string }[];
}

/** `regions` are those of the workload. */
export function touchesOf(plans: readonly StackPlan[], regions: readonly string[]): Touch[] {
  return plans.flatMap(({ region, resources, stackName }) => {
    const others = regions.filter((other) => other !== region);
    const touched = resources.flatMap((resource) =>
      reasons(resource, others).map(({ plane, why }) => ({
        plane,
        resource: { logicalId: resource.logicalId, type: resource.type, ...(why === undefined ? {} : { why }) },
      })),
    );
    return planes.flatMap((plane): Touch[] => {
      const of = touched.filter((touch) => touch.plane === plane).map(({ resource }) => resource);
      return of.length === 0 ? [] : [{ stackName, region, plane, resources: of }];
    });
  });
}

/** Whether a touch can't be made while these Regions are gone. */
export const cannotWithout = ({ plane, region }: Touch, dark: readonly string[]): boolean =>
  plane === 'the other Region' ? dark.some((one) => one !== region) : dark.includes(globalControlPlaneRegion);

interface Reason {
  readonly plane: Plane;
  readonly why?: string;
}

function reasons({ action, after, before, type }: ResourcePlan, others: readonly string[]): Reason[] {
  const properties = { ...before, ...after };
  const other = (why: string): Reason[] => [{ plane: 'the other Region', why }];
  if (type.startsWith('AWS::IAM::')) return [{ plane: 'IAM' }];
  if (type.startsWith('AWS::Route53')) return [{ plane: 'DNS' }];
  if (type.startsWith('AWS::S3::')) return [{ plane: 'bucket configuration' }];
  if (type === 'Custom::PilotLightInstall') return ofInstall(action, properties, others);
  if (type.startsWith('Custom::') || type === 'AWS::CloudFormation::CustomResource')
    return other('a custom resource may call anything');
  if (type === 'AWS::RDS::DBInstance' && properties.SourceDBInstanceIdentifier !== undefined)
    return other('CloudFormation waits until the replica replicates');
  if (type === 'AWS::SecretsManager::Secret' && properties.ReplicaRegions !== undefined)
    return other('the secret is replicated there');
  if (type === 'AWS::DynamoDB::GlobalTable') return other('the table has copies there');
  return [];
}

/** It acts when it is created and deleted; an update changes nothing. */
function ofInstall(
  action: ResourcePlan['action'],
  properties: Readonly<Record<string, unknown>>,
  others: readonly string[],
): Reason[] {
  if (action === 'change' || properties.Kind !== 'replication') return [];
  const why = 'the reverse replication rule of the other bucket';
  const reaches = others.includes(String(properties.Region));
  return [{ plane: 'bucket configuration', why }, ...(reaches ? [{ plane: 'the other Region', why } as const] : [])];
}
