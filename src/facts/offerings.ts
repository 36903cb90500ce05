/**
 * Which instance types and database classes AWS offers in which Region, as data: `offerings.json`, with its sources, their dates and what
 * they can't tell. Per family, rows of sizes with the Regions they are left out of (`except`) or found in (`only`).
 */

import offerings from './offerings.json' with { type: 'json' };

export type DatabaseEngine = keyof typeof offerings.rds;

/** A type's own numbers; those that don't follow from its name are left out. */
export interface InstanceTypeFacts {
  readonly type: string;
  readonly vcpus?: number;
  readonly memoryMiB?: number;
  readonly architecture: 'x86_64' | 'arm64';
  readonly bareMetal: boolean;
  readonly burstable: boolean;
}

export const offeringSources = offerings.sources;

/** All types offered in a Region, by name; a Region the data doesn't know offers what every Region does. */
export function instanceTypesIn(region: string): readonly string[] {
  const known = byRegion.get(region);
  if (known !== undefined) return known;
  const found = [...namesIn(region, offerings.ec2), ...elsewhere()].sort();
  byRegion.set(region, found);
  return found;
}

/** Whether there is such a type in any Region. */
export const isInstanceType = (type: string): boolean => allTypes().has(type);

/** The classes offered for an engine in a Region, without those of families before db.t3, db.m5 and db.r5. */
export const databaseClassesIn = (region: string, engine: DatabaseEngine): readonly string[] =>
  namesIn(region, offerings.rds[engine]);

export const isDatabaseClass = (name: string): boolean =>
  Object.values(offerings.rds).some((families) => namesIn(undefined, families).includes(name));

export function instanceTypeFacts(type: string): InstanceTypeFacts {
  const [family = '', size = ''] = type.split('.');
  const shape = shapeOf(family, size);
  return {
    type,
    ...(shape === undefined ? {} : { vcpus: shape.vcpus, memoryMiB: 1024 * shape.gibibytes }),
    // Graviton's letter stands after the generation; a1 came before there was one.
    architecture: family === 'a1' || /^[a-z]+\d+[a-z]*g/.test(family) ? 'arm64' : 'x86_64',
    bareMetal: size.startsWith('metal'),
    burstable: /^t\d/.test(family),
  };
}

interface Row {
  readonly sizes: string;
  readonly except?: string;
  readonly only?: string;
}

type Families = Readonly<Record<string, readonly Row[]>>;

const byRegion = new Map<string, readonly string[]>();
let types: ReadonlySet<string> | undefined;

function allTypes(): ReadonlySet<string> {
  types ??= new Set([...namesIn(undefined, offerings.ec2), ...elsewhere()]);
  return types;
}

const elsewhere = (): string[] =>
  Object.entries(offerings.elsewhere).flatMap(([family, sizes]) => sizes.split(' ').map((size) => `${family}.${size}`));

/** Of one Region, or of all together. */
const namesIn = (region: string | undefined, families: Families): string[] =>
  Object.entries(families).flatMap(([family, rows]) =>
    rows
      .filter((row) => region === undefined || holds(row, region))
      .flatMap(({ sizes }) => sizes.split(' ').map((size) => `${family}.${size}`)),
  );

const holds = ({ except, only }: Row, region: string): boolean =>
  only === undefined ? except === undefined || !except.split(' ').includes(region) : only.split(' ').includes(region);

interface Shape {
  readonly vcpus: number;
  readonly gibibytes: number;
}

/** Burstable sizes, in order: vCPUs and GiB. */
const burstableShapes: Readonly<Record<string, Shape>> = {
  nano: { vcpus: 2, gibibytes: 0.5 },
  micro: { vcpus: 2, gibibytes: 1 },
  small: { vcpus: 2, gibibytes: 2 },
  medium: { vcpus: 2, gibibytes: 4 },
  large: { vcpus: 2, gibibytes: 8 },
  xlarge: { vcpus: 4, gibibytes: 16 },
  '2xlarge': { vcpus: 8, gibibytes: 32 },
};

/** GiB per vCPU. */
const proportions: Readonly<Record<string, number>> = { c: 2, m: 4, r: 8 };

/** From the fifth generation on general purpose, compute and memory optimised types follow one rule; bare metal doesn't. */
function shapeOf(family: string, size: string): Shape | undefined {
  if (/^t[34]/.test(family)) return burstableShapes[size];
  const [, kind = ''] = /^([cmr])[5-9](?!n$)[a-z-]*$/.exec(family) ?? [];
  const perVcpu = proportions[kind];
  const vcpus = size === 'medium' ? 1 : size === 'large' ? 2 : vcpusOf(size);
  return perVcpu === undefined || vcpus === undefined ? undefined : { vcpus, gibibytes: perVcpu * vcpus };
}

function vcpusOf(size: string): number | undefined {
  const times = /^(\d*)xlarge$/.exec(size)?.[1];
  return times === undefined ? undefined : 4 * Number(times === '' ? 1 : times);
}
