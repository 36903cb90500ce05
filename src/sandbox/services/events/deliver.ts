/**
 * Delivery to a target by its ARN, the way AWS services reach one another: with a role where one is given, otherwise with the
 * leave of the target's own resource policy. Used by EventBridge, Scheduler, SNS, CloudWatch alarms and Lambda destinations.
 */

import type { InternalRequest, Principal, SandboxCore } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import { judgeService } from '../../iam/service-grant.ts';
import { type Arn, parseArn } from './arn.ts';
import { unsupported } from './refuse.ts';
import { assumeRole } from './role-session.ts';

export interface Delivery {
  /** The Region the sender stands in. */
  readonly region: string;
  /** The sender: `events`, `scheduler`, `sns`. */
  readonly service: string;
  /** What the target's policy knows the sender by, where it isn't `<service>.amazonaws.com`. */
  readonly servicePrincipal?: string;
  /** The rule, schedule or topic the delivery comes from. */
  readonly sourceArn: string;
  readonly target: string;
  /** Assumed for the delivery; without it the target's resource policy must let the sender in. */
  readonly roleArn?: string | undefined;
  readonly payload: string;
  /** Unique per delivery: names the execution it starts. */
  readonly id: string;
  readonly messageGroupId?: string | undefined;
  readonly subject?: string;
  readonly messageAttributes?: Record<string, unknown>;
  /** The event itself, where the target is another bus: it travels unchanged. */
  readonly forward?: (to: Arn, principal: Principal) => Promise<void>;
  /** Called when the target has taken it: what this writes down is kept together with that, or not at all. */
  readonly taken?: () => void;
}

/** Hands the payload over once. Rejects with the target's error, `AccessDenied` for a missing grant, or `Unreachable`. */
export async function deliver(core: SandboxCore, delivery: Delivery): Promise<void> {
  const to = parseArn(delivery.target);
  if (!core.regions.includes(to.region)) {
    throw new AwsError('ResourceNotFoundException', `Region ${to.region} of ${delivery.target} isn't in this sandbox.`);
  }
  if (core.region(to.region).dark || !core.network.reachable(delivery.region, to.region)) {
    throw new AwsError('Unreachable', `${to.region} can't be reached from ${delivery.region}.`, { status: 503 });
  }
  const kind = to.service === 'events' && to.resource.startsWith('event-bus/') ? 'event-bus' : to.service;
  const send = senders[kind];
  if (send === undefined) throw unsupported(`targets like ${delivery.target}`);
  await send(core, delivery, to);
}

/** One row per kind of target. */
const senders: Record<string, (core: SandboxCore, delivery: Delivery, to: Arn) => Promise<void>> = {
  lambda: async (core, delivery, to) => {
    const name = to.resource.split(':').slice(1).join(':');
    const principal = await authority(core, delivery, to, 'lambda:InvokeFunction', async () => {
      const { Policy } = await asSender<{ Policy?: string }>(
        core,
        delivery,
        to,
        'lambda',
        'GetPolicy',
        functionKey(name),
      );
      return Policy;
    });
    const Payload = Buffer.from(delivery.payload);
    const input = { FunctionName: delivery.target, InvocationType: 'Event', Payload };
    await core.invoke({
      service: 'lambda',
      operation: 'Invoke',
      region: to.region,
      from: delivery.region,
      input,
      principal,
      ...noting(delivery),
    });
  },
  states: async (core, delivery, to) => {
    if (delivery.roleArn === undefined) throw denied(delivery, 'states:StartExecution', 'the target has no role');
    const principal = await rolePrincipal(core, delivery, delivery.roleArn);
    const input = { stateMachineArn: delivery.target, name: delivery.id, input: delivery.payload };
    const request = {
      service: 'states',
      operation: 'StartExecution',
      region: to.region,
      from: delivery.region,
    } as const;
    await core.invoke({ ...request, input, principal, ...noting(delivery) });
  },
  sqs: async (core, delivery, to) => {
    const QueueName = to.resource;
    const queue = await asSender<{ QueueUrl: string }>(core, delivery, to, 'sqs', 'GetQueueUrl', { QueueName });
    const principal = await authority(core, delivery, to, 'sqs:SendMessage', async () => {
      const asked = { QueueUrl: queue.QueueUrl, AttributeNames: ['Policy'] };
      type Answer = { Attributes?: Record<string, string> };
      return (await asSender<Answer>(core, delivery, to, 'sqs', 'GetQueueAttributes', asked)).Attributes?.Policy;
    });
    const input = {
      QueueUrl: queue.QueueUrl,
      MessageBody: delivery.payload,
      ...(delivery.messageGroupId === undefined ? {} : { MessageGroupId: delivery.messageGroupId }),
      ...(QueueName.endsWith('.fifo') ? { MessageDeduplicationId: delivery.id } : {}),
      ...(delivery.messageAttributes === undefined ? {} : { MessageAttributes: delivery.messageAttributes }),
    };
    await core.invoke({
      service: 'sqs',
      operation: 'SendMessage',
      region: to.region,
      from: delivery.region,
      input,
      principal,
      ...noting(delivery),
    });
  },
  sns: async (core, delivery, to) => {
    const principal = await authority(core, delivery, to, 'sns:Publish', async () => {
      type Answer = { Attributes?: Record<string, string> };
      const asked = { TopicArn: delivery.target };
      return (await asSender<Answer>(core, delivery, to, 'sns', 'GetTopicAttributes', asked)).Attributes?.Policy;
    });
    const subject = delivery.subject === undefined ? {} : { Subject: delivery.subject };
    const input = { TopicArn: delivery.target, Message: delivery.payload, ...subject };
    await core.invoke({
      service: 'sns',
      operation: 'Publish',
      region: to.region,
      from: delivery.region,
      input,
      principal,
      ...noting(delivery),
    });
  },
  'event-bus': async (core, delivery, to) => {
    if (delivery.forward === undefined) throw unsupported(`${delivery.service} delivering to an event bus`);
    if (delivery.roleArn === undefined && to.region !== delivery.region) {
      throw denied(delivery, 'events:PutEvents', 'a bus in another Region needs a role on the target');
    }
    const role = delivery.roleArn;
    await delivery.forward(
      to,
      role === undefined ? core.as(delivery.service) : await rolePrincipal(core, delivery, role),
    );
  },
  logs: async (core, delivery, to) => {
    const logGroupName = to.resource.split(':')[1] ?? '';
    type Answer = { resourcePolicies?: { policyDocument?: string }[] };
    const principal = await authority(core, delivery, to, 'logs:PutLogEvents', async () => {
      const { resourcePolicies = [] } = await asSender<Answer>(
        core,
        delivery,
        to,
        'logs',
        'DescribeResourcePolicies',
        {},
      );
      return mergedPolicies(resourcePolicies.map(({ policyDocument = '{}' }) => policyDocument));
    });
    const stream = { logGroupName, logStreamName: delivery.id };
    const logs = { service: 'logs', region: to.region, from: delivery.region, principal } as const;
    await core.invoke({ ...logs, operation: 'CreateLogStream', input: stream });
    const logEvents = [{ timestamp: Math.floor(core.clock.now()), message: delivery.payload }];
    await core.invoke({ ...logs, operation: 'PutLogEvents', input: { ...stream, logEvents }, ...noting(delivery) });
  },
};

const noting = ({ taken }: Delivery): Pick<InternalRequest, 'onOutput'> =>
  taken === undefined ? {} : { onOutput: taken };

/** The role's session where there is a role, the sending service where the target's policy lets it in. */
async function authority(
  core: SandboxCore,
  delivery: Delivery,
  to: Arn,
  action: string,
  policy: () => Promise<string | undefined>,
): Promise<Principal> {
  if (delivery.roleArn !== undefined) return rolePrincipal(core, delivery, delivery.roleArn);
  const service = delivery.servicePrincipal ?? `${delivery.service}.amazonaws.com`;
  const resource =
    to.service === 'logs' ? `${delivery.target.replace(/:\*$/, '')}:log-stream:${delivery.id}` : delivery.target;
  // CloudWatch publishes in the topic owner's name; the others need a statement of their own, as on AWS.
  const context = delivery.service === 'cloudwatch' ? {} : { 'aws:SourceOwner': [] };
  const request = { service, action, resource, account: core.account, sourceArn: delivery.sourceArn, context };
  let text: string | undefined;
  try {
    text = await policy();
  } catch (error) {
    // A function without any policy answers ResourceNotFoundException, as a missing function does: both end the delivery.
    throw denied(delivery, action, error instanceof Error ? error.message : String(error));
  }
  if (!judgeService(text, request).allowed)
    throw denied(delivery, action, `its resource policy doesn't let ${service} in`);
  return core.as(delivery.service);
}

const asSender = <Output>(
  core: SandboxCore,
  delivery: Delivery,
  to: Arn,
  service: 'lambda' | 'sqs' | 'sns' | 'logs',
  operation: string,
  input: unknown,
): Promise<Output> => {
  const principal = core.as(delivery.service);
  return core.invoke<Output>({ service, operation, region: to.region, from: delivery.region, input, principal });
};

const rolePrincipal = async (
  core: SandboxCore,
  { service, region, id, sourceArn: acting }: Delivery,
  roleArn: string,
): Promise<Principal> => {
  // Scheduler names the group, never the schedule. Source: EventBridge Scheduler User Guide, "Confused deputy prevention".
  const sourceArn = service === 'scheduler' ? acting.replace(/:schedule\/([^/]+)\/.*$/, ':schedule-group/$1') : acting;
  return (await assumeRole(core, { service, region, roleArn, sessionName: id, sourceArn })).principal;
};

function functionKey(name: string): { FunctionName: string; Qualifier?: string } {
  const [FunctionName = '', Qualifier] = name.split(':');
  return Qualifier === undefined ? { FunctionName } : { FunctionName, Qualifier };
}

function mergedPolicies(documents: readonly string[]): string {
  const statements = documents.flatMap((text) => (JSON.parse(text) as { Statement?: unknown }).Statement ?? []);
  return JSON.stringify({ Statement: statements });
}

const denied = ({ sourceArn, target }: Delivery, action: string, why: string): AwsError =>
  new AwsError('AccessDenied', `${sourceArn} may not ${action} on ${target}: ${why}.`, { status: 403 });
