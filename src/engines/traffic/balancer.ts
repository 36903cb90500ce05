/** The load balancer's own DNS name. */

import type { Clients } from '../../aws/clients.ts';

export async function balancerName(clients: Clients, name: string): Promise<string | undefined> {
  const { DescribeLoadBalancersCommand, LoadBalancerNotFoundException } = await import(
    '@aws-sdk/client-elastic-load-balancing-v2'
  );
  const client = await clients.balancing();
  try {
    const { LoadBalancers } = await client.send(new DescribeLoadBalancersCommand({ Names: [name] }));
    return LoadBalancers?.[0]?.DNSName;
  } catch (error) {
    if (error instanceof LoadBalancerNotFoundException) return undefined;
    throw error;
  }
}
