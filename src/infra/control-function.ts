/** A control function, from its line in the contract. */

import { aws_lambda as lambda } from 'aws-cdk-lib';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { FunctionName } from '../functions/contract.ts';
import { functionSpecs } from '../functions/contract.ts';
import { controlRoleName } from '../plan/roles.ts';
import { acknowledge } from './acknowledged.ts';
import { controlBundle } from './bundle.ts';
import { logGroup } from './log-group.ts';
import type { Home } from './part.ts';
import { idOf } from './part.ts';
import { roleArn } from './place.ts';

export interface ControlFunctionOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly vpc?: { readonly subnetIds: string[]; readonly securityGroupIds: string[] };
}

const folders = new Map<string, string>();

export function controlFunction(
  home: Home,
  name: FunctionName,
  options: ControlFunctionOptions = {},
): lambda.CfnFunction {
  const { place } = home;
  const spec = functionSpecs[name];
  const code = bundleAsset(home);
  const id = idOf(name);
  const made = new lambda.CfnFunction(home, `${id}Function`, {
    functionName: place.names.controlFunction(name),
    description: spec.purpose,
    runtime: 'nodejs22.x',
    architectures: ['arm64'],
    handler: `index.${spec.handler}`,
    role: roleArn(place, controlRoleName(place.names, name, place.side)),
    code: { s3Bucket: code.s3BucketName, s3Key: code.s3ObjectKey },
    timeout: spec.timeoutSeconds,
    memorySize: spec.memory,
    ...(place.workload.control.reserveConcurrency ? { reservedConcurrentExecutions: spec.reserved } : {}),
    ...(options.environment === undefined ? {} : { environment: { variables: options.environment } }),
    ...(options.vpc === undefined ? {} : { vpcConfig: options.vpc }),
  });
  logGroup(home, id, made);
  acknowledge(made, 'L1');
  return made;
}

/** One asset per part and side, one folder per workload. */
function bundleAsset(home: Home): Asset {
  const known = home.node.tryFindChild('ControlBundle');
  if (known instanceof Asset) return known;
  const { workload, names } = home.place;
  const folder = folders.get(names.prefix) ?? controlBundle(workload);
  folders.set(names.prefix, folder);
  return new Asset(home, 'ControlBundle', { path: folder });
}
