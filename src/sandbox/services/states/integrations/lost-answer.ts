/** A fault that lets a function do its work for a task, and keeps its answer from the execution. */

import type { TaskRequest } from '../../../asl/host.ts';
import { isObject } from '../../../asl/json.ts';
import type { SandboxCore } from '../../../contract.ts';
import { meets } from '../../../faults/chance.ts';

export function answerIsLost({ faults, random }: SandboxCore, region: string, request: TaskRequest): boolean {
  const name = functionOf(request);
  if (name === undefined) return false;
  return faults
    .standing('lost-task')
    .some((fault) => fault.region === region && (fault.function ?? name) === name && meets(random, fault));
}

/** The work is done, whatever comes of it; nobody hears of it. */
export function endlessly<T>(work: () => Promise<T>): Promise<T> {
  void work().catch(() => {});
  return new Promise<T>(() => {});
}

/** The name of the function a task invokes, however it names it. */
function functionOf({ resource, arguments: given }: TaskRequest): string | undefined {
  if (resource.kind === 'function') return nameIn(resource.arn);
  if (resource.service !== 'lambda' || resource.action !== 'invoke' || !isObject(given)) return undefined;
  return typeof given.FunctionName === 'string' ? nameIn(given.FunctionName) : undefined;
}

/** Of `name`, `name:alias`, `account:function:name` and whole ARNs. */
const nameIn = (text: string): string => /(?:^|:function:)([\w-]+)(?::[\w$-]+)?$/.exec(text)?.[1] ?? text;
