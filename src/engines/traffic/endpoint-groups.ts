/** Makes and removes an accelerator's two endpoint groups. No template owns them: their dials are a failover's to turn. */

import type { GlobalAcceleratorClient } from '@aws-sdk/client-global-accelerator';
import type { Side } from '../../workload/judged.ts';
import type { EndpointGroups } from './accelerator-latch.ts';

export interface EndpointGroupSpec {
  readonly region: string;
  /** The load balancer's ARN. */
  readonly balancer: string;
  /** Percent. */
  readonly dial: number;
}

/** Those that stand already stay as they are, dials and all. */
export async function makeEndpointGroups(
  client: GlobalAcceleratorClient,
  listener: string,
  specs: Readonly<Record<Side, EndpointGroupSpec>>,
): Promise<EndpointGroups> {
  const { CreateEndpointGroupCommand } = await import('@aws-sdk/client-global-accelerator');
  const standing = await groupsOf(client, listener);
  const make = async ({ region, balancer, dial }: EndpointGroupSpec): Promise<string> => {
    const known = standing.find(({ EndpointGroupRegion }) => EndpointGroupRegion === region)?.EndpointGroupArn;
    if (known !== undefined) return known;
    const { EndpointGroup } = await client.send(
      new CreateEndpointGroupCommand({
        ListenerArn: listener,
        EndpointGroupRegion: region,
        TrafficDialPercentage: dial,
        EndpointConfigurations: [{ EndpointId: balancer, ClientIPPreservationEnabled: true }],
        // Another workload's, or a later one's, is another request.
        IdempotencyToken: `${region}-${listener.split('/').at(-1)}`,
      }),
    );
    return EndpointGroup?.EndpointGroupArn ?? '';
  };
  // One after the other: an accelerator takes one change at a time.
  const recovery = await make(specs.recovery);
  const primary = await make(specs.primary);
  return { primary, recovery };
}

export async function removeEndpointGroups(client: GlobalAcceleratorClient, listener: string): Promise<void> {
  const { DeleteEndpointGroupCommand } = await import('@aws-sdk/client-global-accelerator');
  for (const { EndpointGroupArn } of await groupsOf(client, listener))
    await client.send(new DeleteEndpointGroupCommand({ EndpointGroupArn }));
}

async function groupsOf(client: GlobalAcceleratorClient, listener: string) {
  const { ListEndpointGroupsCommand } = await import('@aws-sdk/client-global-accelerator');
  // Two are all there can be: a listener has one group per Region.
  const { EndpointGroups = [] } = await client.send(new ListEndpointGroupsCommand({ ListenerArn: listener }));
  return EndpointGroups;
}
