/** EC2: networks, images and instances. */

import type { SandboxCore, Service } from '../../contract.ts';
import { instanceProcesses } from '../../instances/instance-processes.ts';
import type { Machinery } from '../../instances/machinery.ts';
import { accountOperations } from './account.ts';
import { addressOperations } from './addresses.ts';
import { consoleOperations } from './console-output.ts';
import { copyImageOperations, resumeCopies } from './copy-image.ts';
import { describeInstancesOperations } from './describe-instances.ts';
import { imageOperations, resumeImages } from './images.ts';
import { instanceLifecycle } from './instance-lifecycle.ts';
import { metadataOf } from './instance-metadata.ts';
import { instanceOperations } from './instance-operations.ts';
import { instanceTypeOperations } from './instance-types.ts';
import { internetGatewayOperations } from './internet-gateways.ts';
import { launchTemplateOperations } from './launch-templates.ts';
import { natGatewayOperations, resumeNatGateways } from './nat-gateways.ts';
import { networkInterfaceOperations } from './network-interfaces.ts';
import { routeTableOperations } from './route-tables.ts';
import { runInstancesOperation } from './run-instances.ts';
import { securityGroupOperations } from './security-groups.ts';
import type { SeedImage } from './seed-images.ts';
import { seedImages } from './seed-images.ts';
import type { SeedNetwork } from './seed-networks.ts';
import { seedNetworks } from './seed-networks.ts';
import { snapshotOperations } from './snapshots.ts';
import { subnetOperations } from './subnets.ts';
import { tagOperations } from './tags.ts';
import { resumeVpcEndpoints, vpcEndpointOperations } from './vpc-endpoints.ts';
import { vpcOperations } from './vpcs.ts';
import { zoneOperations } from './zones.ts';

export interface Ec2Options {
  /** Image ids the sandbox begins with, besides the stock image. */
  readonly images?: Readonly<Record<string, SeedImage>>;
  /** Networks the account has already. */
  readonly networks?: readonly SeedNetwork[];
  /** What runs the instances; real processes unless said. */
  readonly machinery?: Machinery;
}

export function createEc2Service(core: SandboxCore, options: Ec2Options = {}): Service {
  const machinery = options.machinery ?? instanceProcesses(core, (region, id) => metadataOf(core, region, id));
  const lifecycle = instanceLifecycle(core, machinery);
  seedImages(core, options.images ?? {});
  seedNetworks(core, options.networks ?? []);
  return {
    name: 'ec2',
    operations: {
      ...zoneOperations(),
      ...instanceTypeOperations(core),
      ...accountOperations(core),
      ...vpcOperations(core),
      ...subnetOperations(core),
      ...internetGatewayOperations(core),
      ...addressOperations(core),
      ...natGatewayOperations(core),
      ...routeTableOperations(core),
      ...securityGroupOperations(core),
      ...networkInterfaceOperations(core),
      ...vpcEndpointOperations(core),
      ...tagOperations(core),
      ...imageOperations(core, lifecycle),
      ...copyImageOperations(core),
      ...snapshotOperations(core),
      ...launchTemplateOperations(core),
      ...describeInstancesOperations(core),
      ...consoleOperations(core),
      ...instanceOperations(core, lifecycle),
      RunInstances: runInstancesOperation(core, lifecycle),
    },
    regionBack: (region) => lifecycle.regionBack(region),
    resume() {
      for (const region of core.regions) {
        resumeNatGateways(core, region);
        resumeVpcEndpoints(core, region);
        resumeImages(core, region);
        resumeCopies(core, region);
        lifecycle.resume(region);
      }
    },
    close: () => machinery.close(),
  };
}
