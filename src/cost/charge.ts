/** The words of a bill: what is charged, for whom, at which price; and what has no price or costs nothing. */

import type { Price } from '../facts/prices.ts';
import type { Workload } from '../workload/config.ts';
import type { Side } from '../workload/judged.ts';
import type { Machine, Names } from '../workload/names.ts';
import type { ControlUse } from './control.ts';
import type { Resource, Role } from './template.ts';
import type { Usage } from './usage.ts';

/** In the order in which people read them. */
export const components = [
  'database',
  'compute',
  'load balancing',
  'network',
  'object storage',
  'images',
  'functions',
  'control',
  'queues and events',
  'keys and secrets',
  'state',
  'monitoring',
  'DNS',
  'data transfer',
] as const;

export type Component = (typeof components)[number];

/** `workload`: would be paid with one Region alone. `standby`: is paid because there is a second one. */
export type Column = 'workload' | 'standby';

/** A price to look for, and how often it counts. */
export interface Rate {
  readonly key: string;
  readonly times?: number;
  /** The rate stands in for another one: an amount taken from it is not sure. */
  readonly approximate?: boolean;
}

/** What a pricer says of a resource; the price is looked up by whoever asked. */
export interface Charge {
  readonly component: Component;
  readonly what: string;
  /** The first of these that has a price counts. */
  readonly rates: readonly Rate[];
  /** In the price's own units. NaN when the template doesn't tell. */
  readonly quantity: number;
  readonly unit: string;
  /** @default the resource's */
  readonly region?: string;
  /** @default by the resource's side */
  readonly column?: Column;
}

export interface Line extends Omit<Charge, 'rates' | 'region' | 'column'> {
  /** `stack/logical id`, or what no template declares: `(instances' answers)`. */
  readonly resource: string;
  readonly side: Resource['side'];
  readonly region: string;
  readonly column: Column;
  /** Absent for what is there zero times. */
  readonly price?: Price;
  readonly unsure: boolean;
  /** US dollars a month. */
  readonly usd: number;
}

export interface Unpriced {
  readonly resource: string;
  readonly type: string;
  readonly what: string;
  readonly region: string;
  readonly column: Column;
  /** The prices that were looked for. */
  readonly keys: readonly string[];
  readonly why: string;
  /** Something that runs by the hour: without it no total means anything. */
  readonly decides: boolean;
}

/** How a side is run in the month that is priced. */
export interface Mode {
  /** The role the templates are evaluated in. */
  readonly role: Role;
  /** The part of the workload's traffic that this side serves. */
  readonly share: number;
  /** Whether the database here, where it is a replica, follows its source. */
  readonly replicates: boolean;
  /** Instances each group runs at least. */
  readonly leastInstances?: number;
  /** The part of its production capacity each group runs at least. */
  readonly capacityShare?: number;
  /** Instead of what the template says. */
  readonly multiAz?: boolean;
  /** Sizes by which the database is larger than the template says. */
  readonly databaseSteps?: number;
  /** Whether the control functions look after the workload, as they always do from the recovery Region. */
  readonly runs?: Readonly<Partial<Record<Machine, number>>>;
}

/** What a pricer may look at. */
export interface Setting {
  readonly side: Resource['side'];
  readonly mode: Mode;
  readonly usage: Usage;
  readonly workload: Workload;
  readonly names: Names;
  /** Every resource of both sides, each in its side's role. */
  readonly all: readonly Resource[];
  /** This side's resources as they are when it is active. */
  readonly whenActive: readonly Resource[];
  readonly modes: Readonly<Record<Side, Mode>>;
  readonly control: ControlUse;
}

type Pricer = (resource: Resource, setting: Setting) => readonly Charge[];
/** By resource type. */
export type Pricers = Readonly<Record<string, Pricer>>;

export const rate = (key: string, times = 1): readonly Rate[] => [{ key, times }];

/** From one Region to another: a pair of its own where there is one. */
export const transferRates = (to: string): readonly Rate[] => [
  { key: `transfer.to-${to}-gb` },
  { key: 'transfer.region-gb' },
];

export const idOf = ({ stack, id }: Resource): string => `${stack}/${id}`;

export const isOn = (value: unknown): boolean => value === true || value === 'true';

/** NaN when it isn't one. */
export const numberOf = (value: unknown): number =>
  typeof value === 'number' || (typeof value === 'string' && value.trim() !== '') ? Number(value) : Number.NaN;

/** How many there are in a list; NaN when it isn't written out. */
export const countOf = (value: unknown): number => (Array.isArray(value) ? value.length : Number.NaN);

/** For people: a number, or that the template doesn't tell. */
export const told = (value: number): string => (Number.isNaN(value) ? '?' : String(value));

export const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

export const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
