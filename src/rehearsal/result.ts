/** What a rehearsal found, as plain JSON: the report is drawn from it and nothing else. Every figure was measured in the run. */

import type { Quote } from '../ledger/quote.ts';
import type { StepName } from '../plan/catalogue.ts';
import type { PlanName } from '../plan/graph.ts';
import type { Instant, Moment, RehearsalEvent } from './events.ts';
import type { RoleVerdict } from './least-privilege.ts';

export interface Span {
  readonly awsSeconds: number;
  readonly realSeconds: number;
}

export interface LostWrite {
  readonly id: string;
  /** ISO time at which the customer was told it was safe. */
  readonly acknowledgedAt: string;
  readonly what: 'row' | 'object' | 'row and object';
  /** Why, from the replica's transaction set at promotion; a loss without one fails the run. */
  readonly reason: string | undefined;
}

/** Of writes acknowledged before the kill, for the quote is of those. */
export interface QuotedLoss {
  readonly quote: Quote;
  /** Rows that weren't in the recovery database, by the customers' own record. */
  readonly rowsLost: number;
  /** Seconds from the first of them to the kill. */
  readonly secondsLost: number;
}

export interface Invariant {
  readonly name: string;
  readonly held: boolean;
  /** What was looked at, in a sentence. */
  readonly evidence: string;
}

/** What the scenario expects, and what was seen. */
interface ExpectationResult {
  readonly says: string;
  readonly met: boolean;
  readonly seen: string;
}

export interface StepSpan {
  readonly plan: PlanName;
  /** Whether a state machine's history told the times, or, where there was none, the run's own journal. */
  readonly toldBy: 'history' | 'journal';
  readonly step: StepName;
  readonly does: string;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly askings: number;
  readonly critical: boolean;
}

export interface RehearsalResult {
  readonly scenario: string;
  readonly title: string;
  readonly outcome: 'passed' | 'failed';
  /** Why it failed, a sentence each; empty when it passed. */
  readonly failures: readonly string[];
  readonly measuredIn: 'sandbox' | 'aws';
  readonly workload: string;
  readonly regions: { readonly primary: string; readonly recovery: string };
  /** ISO date of real time. */
  readonly date: string;
  readonly version: string;
  /** Real seconds it took, start to judgement. */
  readonly realSeconds: number;
  readonly expectations: readonly ExpectationResult[];
  /** No failover was committed. */
  readonly stayed: boolean;
  /** Each from the moment the Region went dark, or it began to go wrong. */
  readonly rto: Readonly<Partial<Record<'decided' | 'writable' | 'serving' | 'resolved', Span>>>;
  /** The product's own count, which can't know the kill: from the last good look to its verification. */
  readonly productRtoSeconds: number | undefined;
  readonly moments: Readonly<Partial<Record<Moment, Instant>>>;
  readonly writes: {
    readonly acknowledged: number;
    readonly present: number;
    readonly lost: number;
    readonly named: number;
  };
  readonly lost: readonly LostWrite[];
  /** Seconds of acknowledged writes lost, from the customers' own record: AWS time from the first lost one to the kill. */
  readonly rpoSeconds: number;
  /** What the failover's run said it would lose, beside what was lost. */
  readonly quote: QuotedLoss | undefined;
  /** Acknowledged writes whose object wasn't in the recovery bucket at the moment of resolution, and came late. */
  readonly objectsLate: number;
  readonly objectsWithoutRows: number;
  readonly strandedMessages: number;
  readonly failback: {
    readonly writesLost: number;
    readonly windowAwsSeconds: number | undefined;
    readonly windowRealSeconds: number | undefined;
    readonly unprotectedAwsSeconds: number | undefined;
  };
  readonly fence: { readonly guarantee: string; readonly owedAwsSeconds: number | undefined };
  readonly steps: readonly StepSpan[];
  readonly invariants: readonly Invariant[];
  /** What the control roles used of what they may, after a whole rehearsal: there, back, and protected again. */
  readonly roles: readonly RoleVerdict[] | undefined;
  /** Speeds that were in force, by phase: AWS seconds per real second, as measured. */
  readonly speeds: Readonly<Record<string, number>>;
  /** Statements of what this run doesn't show: dialects and mechanisms that were not rehearsed. */
  readonly notRehearsed: readonly string[];
  /** One point per AWS second of the timeline: attempts acknowledged and failed. */
  readonly traffic: readonly { readonly at: number; readonly acknowledged: number; readonly failed: number }[];
  readonly timeline: readonly RehearsalEvent[];
}
