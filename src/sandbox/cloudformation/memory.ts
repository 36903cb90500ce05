/**
 * What the work on one resource has done so far: the answers of the calls that changed something, and the names it generated. A sandbox
 * that goes on does the work again from its beginning; what was done already is answered from here, so nothing is made twice.
 */

import type { InternalRequest, SandboxCore, Table } from '../contract.ts';
import { patientCall } from './patient-call.ts';

type Done = Readonly<Record<string, unknown>>;

export interface Memory {
  /** The call's answer from before, or now: kept together with what the call changes. */
  call<Output>(request: InternalRequest): Promise<Output>;
  /** What was made before, or now: plain data. */
  once<T>(make: () => T): T;
}

export function memoryOf(core: SandboxCore, region: string, subject: string): Memory {
  const table = memories(core, region);
  const counts = new Map<string, number>();
  const next = (what: string): string => {
    const count = counts.get(what) ?? 0;
    counts.set(what, count + 1);
    return `${what} ${count}`;
  };
  const remember = (key: string, value: unknown): void => {
    table.put(subject, { ...table.get(subject), [key]: value });
  };
  // Inside of what is remembered: a call that is tried again is still one call.
  const invoke = <Output>(request: InternalRequest): Promise<Output> =>
    patientCall(core, region, () => core.invoke<Output>(request));
  return {
    async call<Output>(request: InternalRequest): Promise<Output> {
      if (isRepeatable(request.operation)) return invoke<Output>(request);
      const key = next(`${request.service}:${request.operation}`);
      const done = table.get(subject);
      if (done !== undefined && Object.hasOwn(done, key)) return done[key] as Output;
      return invoke<Output>({ ...request, onOutput: (output) => remember(key, output ?? {}) });
    },
    once<T>(make: () => T): T {
      const key = next('once');
      const known = table.get(subject)?.[key] as T | undefined;
      if (known !== undefined) return known;
      const made = make();
      remember(key, made);
      return made;
    },
  };
}

/** The work on a resource is over, well or badly: the next begins with nothing done. */
export const forgetWork = (core: SandboxCore, region: string, subject: string): void =>
  void memories(core, region).delete(subject);

/** Looking changes nothing. */
const isRepeatable = (operation: string): boolean => /^(Describe|Get|List|Head|BatchGet)/.test(operation);

const memories = (core: SandboxCore, region: string): Table<Done> => core.table<Done>('cloudformation', region, 'work');
