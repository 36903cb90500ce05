/**
 * What AWS's service models allow in the input of the operations the sandbox serves: lengths, ranges, patterns, values, and which
 * members are required. The SDK's schemas carry none of it. `setup/constraints.mjs` writes the tables from botocore's models.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One shape by the model's own name. What it is follows from the value that is held to it. */
export interface ShapeFacts {
  /** Of a text, a blob, a list or a map its length; of a number its value. */
  readonly min?: number;
  readonly max?: number;
  /** A whole text's, in Java's syntax. */
  readonly pattern?: string;
  readonly values?: readonly string[];
  /** Errors don't repeat it. */
  readonly sensitive?: boolean;
  readonly required?: readonly string[];
  /** Of an input in XML: members that travel in the path, the query string or a header. */
  readonly outside?: readonly string[];
  /** The shapes of members, items, keys and values that constrain anything. */
  readonly members?: Readonly<Record<string, string>>;
  readonly item?: string;
  readonly key?: string;
  readonly value?: string;
}

export interface ServiceConstraints {
  readonly source: string;
  /** The shape of each operation's input; an operation that isn't here takes anything. */
  readonly operations: Readonly<Record<string, string>>;
  readonly shapes: Readonly<Record<string, ShapeFacts>>;
}

const read = new Map<string, ServiceConstraints>();

/** By the service's signing name. A table is read when a service is first asked for something. */
export function constraintsOf(service: string): ServiceConstraints {
  let constraints = read.get(service);
  if (constraints === undefined) {
    const file = join(import.meta.dirname, 'constraints', `${service}.json`);
    constraints = JSON.parse(readFileSync(file, 'utf8')) as ServiceConstraints;
    read.set(service, constraints);
  }
  return constraints;
}
