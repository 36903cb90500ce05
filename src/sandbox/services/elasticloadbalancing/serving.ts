/** Whether a load balancer serves, as services that send to it want to know: each of its target groups has a healthy target. */

import type {
  DescribeLoadBalancersCommandOutput,
  DescribeTargetGroupsCommandOutput,
  DescribeTargetHealthCommandOutput,
  LoadBalancer,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Principal, SandboxCore } from '../../contract.ts';

export async function balancerIsServing(
  core: SandboxCore,
  region: string,
  principal: Principal,
  isMeant: (balancer: LoadBalancer) => boolean,
): Promise<boolean> {
  const ask = <Output>(operation: string, input: object): Promise<Output> =>
    core.invoke<Output>({ service: 'elasticloadbalancing', operation, region, input, principal });
  const { LoadBalancers = [] } = await ask<DescribeLoadBalancersCommandOutput>('DescribeLoadBalancers', {});
  const balancer = LoadBalancers.find(isMeant);
  if (balancer === undefined) return false;
  const { TargetGroups = [] } = await ask<DescribeTargetGroupsCommandOutput>('DescribeTargetGroups', {
    LoadBalancerArn: balancer.LoadBalancerArn,
  });
  const healths = await Promise.all(
    TargetGroups.map(({ TargetGroupArn }) =>
      ask<DescribeTargetHealthCommandOutput>('DescribeTargetHealth', { TargetGroupArn }),
    ),
  );
  return healths.every(({ TargetHealthDescriptions = [] }) =>
    TargetHealthDescriptions.some(({ TargetHealth }) => TargetHealth?.State === 'healthy'),
  );
}
