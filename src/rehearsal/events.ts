/** What a rehearsal says while it goes on. The live screen, the lines and the report are listeners; none asks the rehearsal anything. */

import type { StepName } from '../plan/catalogue.ts';
import type { PlanName } from '../plan/graph.ts';
import type { Side } from '../workload/judged.ts';

/** The parts of a rehearsal, in their order. */
export const phases = ['set-up', 'deploy', 'upkeep', 'steady', 'outage', 'return', 'failback', 'audit'] as const;
export type Phase = (typeof phases)[number];

/** Moments that figures are counted between, and that acts, faults and expectations count from. */
export const moments = [
  'steady',
  'outage',
  'dark',
  'decided',
  'committed',
  'writable',
  'serving',
  'resolved',
  'recovered',
  'back',
  'fenced',
  'quiesced',
  'home',
  'protected',
] as const;
export type Moment = (typeof moments)[number];

/** Both times of one instant. */
export interface Instant {
  /** Epoch milliseconds of AWS time. */
  readonly aws: number;
  /** Milliseconds of real time since the rehearsal began. */
  readonly real: number;
}

export type RehearsalEvent =
  | {
      readonly kind: 'begin';
      readonly at: Instant;
      readonly scenario: string;
      readonly title: string;
      readonly workload: string;
      readonly regions: { readonly primary: string; readonly recovery: string };
    }
  | { readonly kind: 'phase'; readonly at: Instant; readonly phase: Phase; readonly says: string }
  /** Progress inside a phase: a stack deployed, an image copied. */
  | {
      readonly kind: 'progress';
      readonly at: Instant;
      readonly phase: Phase;
      readonly says: string;
      readonly done?: number;
      readonly of?: number;
    }
  | { readonly kind: 'moment'; readonly at: Instant; readonly moment: Moment; readonly says: string }
  | { readonly kind: 'decision'; readonly at: Instant; readonly code: string; readonly sentence: string }
  | {
      readonly kind: 'step';
      readonly at: Instant;
      readonly plan: PlanName;
      readonly step: StepName;
      readonly state: 'running' | 'done' | 'failed';
      readonly detail?: string;
    }
  /** A fault of the scenario came or went. */
  | { readonly kind: 'fault'; readonly at: Instant; readonly state: 'raised' | 'lifted'; readonly says: string }
  /** The rehearsal's own hand did something. */
  | { readonly kind: 'act'; readonly at: Instant; readonly says: string }
  /** People were told, on a side's topic. */
  | { readonly kind: 'notice'; readonly at: Instant; readonly side: Side; readonly text: string }
  /** What the scenario expects was met, or can't be any more. */
  | { readonly kind: 'expectation'; readonly at: Instant; readonly state: 'met' | 'unmet'; readonly says: string }
  | { readonly kind: 'sample'; readonly at: Instant; readonly sample: Sample }
  | { readonly kind: 'problem'; readonly at: Instant; readonly says: string }
  | { readonly kind: 'end'; readonly at: Instant; readonly outcome: 'passed' | 'failed'; readonly says: string };

/** A look at both Regions, for people: nothing is decided by it. */
export interface Sample {
  /** AWS seconds per real second. */
  readonly speed: number;
  readonly sides: { readonly primary: SideSample; readonly recovery: SideSample };
  /** Seconds of AWS time by which the standby copy is behind; undefined when there is none. */
  readonly lagSeconds: number | undefined;
  readonly customers: {
    readonly acknowledged: number;
    readonly failed: number /** 0 to 1, over the last 10 AWS s. */;
    readonly success: number | undefined;
  };
  /** Milliseconds of AWS time since the Region went dark, while service isn't back. */
  readonly outage: number | undefined;
}

export interface SideSample {
  readonly region: string;
  readonly state: 'up' | 'dark';
  readonly active: boolean;
  /** The role parameter's word: active, standby, fenced, quiesced. */
  readonly role: string;
  readonly instances: number;
  readonly database: string;
}

export type Listener = (event: RehearsalEvent) => void;
