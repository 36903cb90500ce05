/** What no field shows alone: whether the parts of a config go together, and whether AWS will take the names built from them. */

import type { Workload } from '../config.ts';
import { namesOf } from '../names.ts';
import type { Problem } from '../refusal.ts';
import { alarmProblems } from './alarms.ts';
import { groupProblems } from './groups.ts';
import { tooLongNames } from './name-lengths.ts';
import { placeProblems } from './places.ts';
import { plainSecrets } from './plain-secrets.ts';
import { trafficProblems } from './traffic.ts';

export function checkWhole(workload: Workload): Problem[] {
  return [
    ...placeProblems(workload),
    ...groupProblems(workload),
    ...trafficProblems(workload),
    ...alarmProblems(workload),
    ...parameterPaths(workload),
    ...functions(workload),
    ...customSteps(workload),
    ...customers(workload),
    ...plainSecrets(workload),
    ...tooLongNames(workload),
  ];
}

/** A parameter is copied once: paths must not hold each other. */
function parameterPaths(workload: Workload): Problem[] {
  const own = namesOf(workload).parameterPath;
  const { paths } = workload.parameters;
  return paths.flatMap((path, index) => {
    const others = [own, ...paths.slice(0, index)];
    const met = others.find((other) => other.startsWith(path) || path.startsWith(other));
    if (met === undefined) return [];
    return [
      {
        path: ['parameters', 'paths', String(index)],
        message: `it holds, or is held by, ${met}`,
        allowed: 'paths that have no parameter in common',
      },
    ];
  });
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

function customSteps({ functions: given, steps }: Workload): Problem[] {
  return Object.entries(steps).flatMap(([name, step]) =>
    (['function', 'undo'] as const).flatMap((which) => {
      const named = step[which];
      if (named === undefined || named in given) return [];
      return [
        {
          path: ['steps', name, which],
          message: `not one of the functions: ${named}`,
          allowed: Object.keys(given).join(', ') || 'nothing: there are no functions',
        },
      ];
    }),
  );
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
