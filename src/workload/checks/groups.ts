/** Whether the groups of the application tier share the requests out between them, and fit where AWS keeps their user data. */

import type { Workload } from '../config.ts';
import type { Problem } from '../refusal.ts';

/** EC2 User Guide, "Run commands when you launch an EC2 instance": 16 KB before encoding; a quarter is left to what Pilot Light writes. */
const longestUserData = 12_288;

export function groupProblems({ compute }: Workload): Problem[] {
  return [...fronts(compute), ...patterns(compute), ...userData(compute)];
}

function fronts(compute: Workload['compute']): Problem[] {
  const all = Object.entries(compute).filter(([, { serves }]) => serves === 'all');
  if (all.length === 1) return [];
  const [, second] = all;
  if (second === undefined) {
    return [
      {
        path: ['compute'],
        message: 'no group serves the requests that no other does',
        allowed: 'one group with serves: all, which is the default',
        given: Object.keys(compute).join(', '),
      },
    ];
  }
  return [
    {
      path: ['compute', second[0], 'serves'],
      message: `the group ${all[0]?.[0]} serves all that no other does already`,
      allowed: 'path patterns like [/api/*], or nothing for a worker',
      given: 'all',
    },
  ];
}

function patterns(compute: Workload['compute']): Problem[] {
  const taken = new Map<string, string>();
  return Object.entries(compute).flatMap(([name, { serves }]) => {
    if (typeof serves === 'string') return [];
    return serves.flatMap((pattern, index) => {
      const by = taken.get(pattern);
      taken.set(pattern, name);
      if (by === undefined) return [];
      return [
        {
          path: ['compute', name, 'serves', String(index)],
          message: `the group ${by} serves it already`,
          allowed: 'each pattern once',
        },
      ];
    });
  });
}

function userData(compute: Workload['compute']): Problem[] {
  return Object.entries(compute).flatMap(([name, { userData: script = '' }]) => {
    const size = Buffer.byteLength(script);
    if (size <= longestUserData) return [];
    return [
      {
        path: ['compute', name, 'userData'],
        message: `it has ${size} bytes`,
        allowed: `${longestUserData} bytes; more belongs into the image`,
      },
    ];
  });
}
