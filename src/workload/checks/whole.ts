/** What no field shows alone: whether the parts of a config go together, and whether AWS will take the names built from them. */

import { defaultCidr, networkOf, overlap } from '../cidr.ts';
import type { Workload } from '../config.ts';
import type { Problem } from '../refusal.ts';
import { tooLongNames } from './name-lengths.ts';
import { plainSecrets } from './plain-secrets.ts';

export function checkWhole(workload: Workload): Problem[] {
  return [
    ...places(workload),
    ...publicName(workload),
    ...functions(workload),
    ...customers(workload),
    ...plainSecrets(workload),
    ...tooLongNames(workload),
  ];
}

function places({ primary, recovery }: Workload): Problem[] {
  if (primary.region === recovery.region) {
    return [
      {
        path: ['recovery', 'region'],
        message: 'the recovery Region is the primary Region',
        allowed: 'another Region',
      },
    ];
  }
  const blocks = { primary: primary.cidr ?? defaultCidr.primary, recovery: recovery.cidr ?? defaultCidr.recovery };
  const [one, other] = [networkOf(blocks.primary), networkOf(blocks.recovery)];
  if (one === undefined || other === undefined || !overlap(one, other)) return [];
  // The one that was written is the one to change.
  const path = recovery.cidr === undefined ? ['primary', 'cidr'] : ['recovery', 'cidr'];
  return [
    {
      path,
      message: `the networks of both Regions overlap: ${blocks.primary} and ${blocks.recovery} could never be joined`,
      allowed: 'blocks that share no address',
    },
  ];
}

function publicName({ traffic }: Workload): Problem[] {
  if (traffic.name === traffic.zone || traffic.name.endsWith(`.${traffic.zone}`)) return [];
  return [
    {
      path: ['traffic', 'name'],
      message: 'not in the hosted zone',
      allowed: `${traffic.zone}, or a name that ends with it`,
    },
  ];
}

function functions({ functions: given, buckets }: Workload): Problem[] {
  const queues = new Map<string, string>();
  return Object.entries(given).flatMap(([name, { queue, objects }]) => {
    const unknown =
      objects === undefined || buckets.includes(objects.bucket)
        ? []
        : [notABucket(['functions', name, 'objects', 'bucket'], buckets)];
    if (queue === undefined) return unknown;
    const taken = queues.get(queue);
    queues.set(queue, name);
    if (taken === undefined) return unknown;
    return [
      ...unknown,
      {
        path: ['functions', name, 'queue'],
        message: `the queue already feeds the function ${taken}: each would get a part of the messages`,
        allowed: 'a queue of its own',
      },
    ];
  });
}

function customers({ buckets, sandbox: { customers: given } }: Workload): Problem[] {
  if (given === undefined) return [];
  const path = ['sandbox', 'customers'];
  const problems: Problem[] = [];
  if (given.object !== undefined && !buckets.includes(given.object.bucket)) {
    problems.push(notABucket([...path, 'object', 'bucket'], buckets));
  }
  if (!JSON.stringify(given.write).includes('{id}')) {
    problems.push({
      path: [...path, 'write'],
      message: 'its row could not be told from others',
      allowed: '{id} in its path or in its text',
    });
  }
  return problems;
}

const notABucket = (path: readonly string[], buckets: readonly string[]): Problem => ({
  path,
  message: 'not one of the buckets',
  allowed: buckets.length === 0 ? 'nothing: there are no buckets' : buckets.join(', '),
});
