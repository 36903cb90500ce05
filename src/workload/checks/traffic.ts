/** Whether what leads customers to the workload goes together. */

import type { Workload } from '../config.ts';
import type { Problem } from '../refusal.ts';

/** Global Accelerator has one control plane. Source: Global Accelerator Developer Guide, "Disaster recovery and resilience". */
const acceleratorControlPlane = 'us-west-2';

export function trafficProblems(workload: Workload): Problem[] {
  return [...names(workload), ...certificates(workload), ...accelerator(workload)];
}

function names({ traffic }: Workload): Problem[] {
  const { latch, zone, zoneId, name } = traffic;
  if (latch === 'none') {
    const idle = Object.entries({ zone, zoneId })
      .filter(([, given]) => given !== undefined)
      .map(([field]) => ({
        path: ['traffic', field],
        message: 'with the latch none, nothing is made in it: customers are led by you',
        allowed: 'nothing here, or another latch',
      }));
    if (traffic.certificates === undefined || name !== undefined) return idle;
    return [
      ...idle,
      { path: ['traffic', 'name'], message: 'it is missing', allowed: 'the name the certificates bear' },
    ];
  }
  const missing = Object.entries({ zone, name })
    .filter(([, given]) => given === undefined)
    .map(([field]) => ({
      path: ['traffic', field],
      message: 'it is missing',
      allowed: `a domain name; the latch ${latch} makes records`,
    }));
  if (zone === undefined || name === undefined || name === zone || name.endsWith(`.${zone}`)) return missing;
  return [
    { path: ['traffic', 'name'], message: 'not in the hosted zone', allowed: `${zone}, or a name that ends with it` },
  ];
}

/** A load balancer takes certificates of its own Region and account. */
function certificates({ traffic, account, ...workload }: Workload): Problem[] {
  return (['primary', 'recovery'] as const).flatMap((side) => {
    const [, , , region, owner] = traffic.certificates?.[side].split(':') ?? [];
    const wanted = workload[side].region;
    if (region === undefined || (region === wanted && owner === account)) return [];
    return [
      {
        path: ['traffic', 'certificates', side],
        message: region === wanted ? "not a certificate of the workload's account" : 'of another Region',
        allowed: `a certificate of ${wanted} in ${account}: arn:aws:acm:${wanted}:${account}:certificate/…`,
      },
    ];
  });
}

function accelerator({ traffic, primary }: Workload): Problem[] {
  if (traffic.latch !== 'accelerator' || primary.region !== acceleratorControlPlane) return [];
  return [
    {
      path: ['traffic', 'latch'],
      message: `dials are turned in ${acceleratorControlPlane}, the primary Region: with it dark, they couldn't be`,
      allowed: 'alarm, none, or another primary Region',
    },
  ];
}
