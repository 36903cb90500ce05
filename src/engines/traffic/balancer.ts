/** The load balancer: its own DNS name, its ARN. */

import type { LoadBalancer } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Clients } from '../../aws/clients.ts';

export const balancerName = async (clients: Clients, name: string): Promise<string | undefined> =>
  (await balancer(clients, name))?.DNSName;

export const balancerArn = async (clients: Clients, name: string): Promise<string | undefined> =>
  (await balancer(clients, name))?.LoadBalancerArn;

async function balancer(clients: Clients, name: string): Promise<LoadBalancer | undefined> {
  const { DescribeLoadBalancersCommand, LoadBalancerNotFoundException } = await import(
    '@aws-sdk/client-elastic-load-balancing-v2'
  );
  const client = await clients.balancing();
  try {
    const { LoadBalancers } = await client.send(new DescribeLoadBalancersCommand({ Names: [name] }));
    return LoadBalancers?.[0];
  } catch (error) {
    if (error instanceof LoadBalancerNotFoundException) return undefined;
    throw error;
  }
}
