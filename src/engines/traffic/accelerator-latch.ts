/**
 * The latch of a Global Accelerator: two endpoint groups, one per Region, the active side's dial at 100 and the other's at 0. Where the
 * old Region is dark customers go over by health alone, without any control plane; the dials keep them there when it comes back. They
 * are turned in us-west-2, which must therefore not be the primary Region.
 */

import type { Clients } from '../../aws/clients.ts';
import { terminalError } from '../../kernel/errors.ts';
import type { Side } from '../../workload/judged.ts';
import { otherSide } from '../../workload/judged.ts';
import type { Names } from '../../workload/names.ts';
import { parametersOf } from '../parameters/parameters.ts';

/** Global Accelerator has one control plane. Source: Global Accelerator API Reference, "Welcome". */
export const acceleratorControlPlane = 'us-west-2';

export interface Dials {
  /** The old side's dial goes down before the new one's goes up: never are both led to. */
  turnTo(active: Side): Promise<void>;
  astray(from: Side): Promise<string | undefined>;
}

export function acceleratorLatch(accelerator: Clients, recovery: Clients, names: Names): Dials {
  const parameters = parametersOf(recovery);
  let known: EndpointGroups | undefined;
  const groups = async (): Promise<EndpointGroups> => {
    known ??= endpointGroupsIn((await parameters.get(names.acceleratorGroups))?.Value, names.acceleratorGroups);
    return known;
  };
  const dialOf = async (arn: string): Promise<number> => {
    const { DescribeEndpointGroupCommand } = await import('@aws-sdk/client-global-accelerator');
    const client = await accelerator.globalAccelerator();
    const { EndpointGroup } = await client.send(new DescribeEndpointGroupCommand({ EndpointGroupArn: arn }));
    return EndpointGroup?.TrafficDialPercentage ?? 100;
  };
  const turn = async (arn: string, to: number): Promise<void> => {
    if ((await dialOf(arn)) === to) return;
    const { UpdateEndpointGroupCommand } = await import('@aws-sdk/client-global-accelerator');
    const client = await accelerator.globalAccelerator();
    await client.send(new UpdateEndpointGroupCommand({ EndpointGroupArn: arn, TrafficDialPercentage: to }));
  };
  return {
    async turnTo(active) {
      const arns = await groups();
      await turn(arns[otherSide(active)], 0);
      await turn(arns[active], 100);
    },
    async astray(from) {
      const arns = await groups();
      const [own, other] = await Promise.all([dialOf(arns[from]), dialOf(arns[otherSide(from)])]);
      if (own === 100 && other === 0) return undefined;
      return `The accelerator leads ${own} % to the ${from} Region and ${other} % to the ${otherSide(from)} Region.`;
    },
  };
}

/** ARNs of the endpoint groups, as the installation left them. */
export type EndpointGroups = Readonly<Record<Side, string>>;

function endpointGroupsIn(written: string | undefined, parameter: string): EndpointGroups {
  const found = written === undefined ? undefined : (JSON.parse(written) as Partial<EndpointGroups>);
  if (found?.primary === undefined || found.recovery === undefined) {
    throw terminalError("The accelerator's endpoint groups aren't known.", {
      given: parameter,
      next: "Deploy the workload's traffic stacks.",
    });
  }
  return { primary: found.primary, recovery: found.recovery };
}
