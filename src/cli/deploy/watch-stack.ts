/** A stack at work, watched through its events until it is at rest. */

import type { CloudFormationClient, Stack, StackEvent } from '@aws-sdk/client-cloudformation';
import type { Clock } from '../../kernel/clock.ts';
import { sleep } from '../../kernel/clock.ts';
import { messageOf, PilotLightError } from '../../kernel/errors.ts';

export interface ResourceEvent {
  readonly region: string;
  readonly stackName: string;
  readonly logicalId: string;
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
}

export interface Watch {
  readonly client: CloudFormationClient;
  readonly clock: Clock;
  readonly region: string;
  readonly stackName: string;
  readonly stackId: string;
  /** The newest event that isn't news. */
  readonly since: string | undefined;
  /** The states that mean success. */
  readonly succeeds: readonly string[];
  readonly onEvent: (event: ResourceEvent) => void;
}

/** Settles when the stack is at rest in one of `succeeds`; rejects with the first failed resource's reason otherwise. */
export async function watchStack(watch: Watch): Promise<void> {
  const { clock, region, stackId, stackName, succeeds } = watch;
  let since = watch.since;
  let failure: StackEvent | undefined;
  let wait = quickest;
  for (;;) {
    const news = await newEvents(watch, since);
    since = news.at(-1)?.EventId ?? since;
    for (const event of news) {
      watch.onEvent(shown(region, stackName, event));
      if (isCause(event)) failure ??= event;
    }
    const end = news.findLast((event) => event.PhysicalResourceId === stackId && isAtRest(event.ResourceStatus ?? ''));
    if (end?.ResourceStatus !== undefined && succeeds.includes(end.ResourceStatus)) return;
    if (end !== undefined) throw new StackFailure(stackName, region, end, failure);
    // While there is news, more is close behind.
    wait = news.length > 0 ? quickest : Math.min(wait * 1.5, slowest);
    await sleep(clock, wait);
  }
}

/** How a stack rests that has come to its template. */
export const deployedStates = ['CREATE_COMPLETE', 'UPDATE_COMPLETE'];

/** The id of the newest event: what is older isn't news. */
export async function latestEvent(client: CloudFormationClient, stackId: string): Promise<string | undefined> {
  const { DescribeStackEventsCommand } = await import('@aws-sdk/client-cloudformation');
  const { StackEvents } = await client.send(new DescribeStackEventsCommand({ StackName: stackId }));
  return StackEvents?.[0]?.EventId;
}

/** Milliseconds between polls: quick while something happens, and for what is done at once. */
const quickest = 100;
const slowest = 2500;

/** Waits of a poll that gives up after about an hour. */
export function* pollsOf(): Generator<number> {
  for (let wait = quickest, total = 0; total < 3_600_000; wait = Math.min(wait * 1.5, slowest)) {
    yield wait;
    total += wait;
  }
}

/** A stack by name or id; undefined when there is none. */
export async function describedStack(client: CloudFormationClient, nameOrId: string): Promise<Stack | undefined> {
  const { DescribeStacksCommand } = await import('@aws-sdk/client-cloudformation');
  try {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: nameOrId }));
    return Stacks?.[0];
  } catch (error) {
    if (/does not exist/.test(messageOf(error))) return undefined;
    throw error;
  }
}

/** Events after `since`, oldest first. */
async function newEvents({ client, stackId }: Watch, since: string | undefined): Promise<StackEvent[]> {
  const { DescribeStackEventsCommand } = await import('@aws-sdk/client-cloudformation');
  const news: StackEvent[] = [];
  for (let NextToken: string | undefined; ; ) {
    const page = await client.send(new DescribeStackEventsCommand({ StackName: stackId, NextToken }));
    for (const event of page.StackEvents ?? []) {
      if (event.EventId === since) return news.reverse();
      news.push(event);
    }
    NextToken = page.NextToken;
    if (NextToken === undefined) return news.reverse();
  }
}

const isAtRest = (status: string): boolean => !status.endsWith('IN_PROGRESS');

const isCause = ({ ResourceStatus, ResourceStatusReason = '', ResourceType }: StackEvent): boolean =>
  ResourceStatus?.endsWith('_FAILED') === true &&
  ResourceType !== 'AWS::CloudFormation::Stack' &&
  !ResourceStatusReason.endsWith('cancelled');

function shown(region: string, stackName: string, event: StackEvent): ResourceEvent {
  const { LogicalResourceId, ResourceStatus, ResourceStatusReason: reason, ResourceType } = event;
  return {
    region,
    stackName,
    logicalId: LogicalResourceId ?? '',
    type: ResourceType ?? '',
    status: ResourceStatus ?? '',
    ...(reason === undefined ? {} : { reason }),
  };
}

/** A stack that ended otherwise than it should have, and the resource that failed first. */
export class StackFailure extends PilotLightError {
  readonly stackName: string;
  readonly region: string;
  readonly status: string;
  readonly resource: { readonly logicalId: string; readonly type: string; readonly reason: string } | undefined;

  constructor(stackName: string, region: string, end: StackEvent, cause: StackEvent | undefined) {
    const because =
      cause === undefined
        ? (end.ResourceStatusReason ?? 'no reason was given')
        : `${cause.LogicalResourceId} (${cause.ResourceType}): ${cause.ResourceStatusReason}`;
    super('terminal', `The stack ${stackName} in ${region} ended in ${end.ResourceStatus}. ${because}`);
    this.stackName = stackName;
    this.region = region;
    this.status = end.ResourceStatus ?? '';
    this.resource = cause && {
      logicalId: cause.LogicalResourceId ?? '',
      type: cause.ResourceType ?? '',
      reason: cause.ResourceStatusReason ?? '',
    };
  }
}
