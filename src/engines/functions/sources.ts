/** Event sources of the workload's functions, and the rules of upkeep. Only one side's may be on: an enabled standby one is a second consumer. */

import type { Clients } from '../../aws/clients.ts';

export interface Source {
  readonly id: string;
  readonly state: string;
  /** The queue's ARN. */
  readonly queue: string;
  /** Invocations at a time, where they are bounded. */
  readonly most: number | undefined;
}

export interface Sources {
  list(functionName: string): Promise<Source[]>;
  /** With it so many invocations at a time as `most`; unbounded without. */
  switch(id: string, on: boolean, most: number | undefined): Promise<void>;
  allow(id: string, most: number | undefined): Promise<void>;
  /** Messages that wait in a queue, about. */
  waiting(queue: string): Promise<number>;
  /** Invocations at a time that functions of this Region share: those that none has reserved. */
  shared(): Promise<number>;
}

export function sourcesOf(clients: Clients): Sources {
  const update = async (change: { UUID: string; Enabled?: boolean }, most: number | undefined): Promise<void> => {
    const { UpdateEventSourceMappingCommand } = await import('@aws-sdk/client-lambda');
    const client = await clients.lambda();
    // Empty, it takes the bound away. Source: Lambda API Reference, UpdateEventSourceMapping.
    const ScalingConfig = most === undefined ? {} : { MaximumConcurrency: most };
    await client.send(new UpdateEventSourceMappingCommand({ ...change, ScalingConfig }));
  };
  return {
    async list(functionName) {
      const { paginateListEventSourceMappings } = await import('@aws-sdk/client-lambda');
      const client = await clients.lambda();
      const found: Source[] = [];
      for await (const page of paginateListEventSourceMappings({ client }, { FunctionName: functionName })) {
        for (const { EventSourceArn, ScalingConfig, State, UUID } of page.EventSourceMappings ?? [])
          found.push({
            id: UUID ?? '',
            state: State ?? '',
            queue: EventSourceArn ?? '',
            most: ScalingConfig?.MaximumConcurrency,
          });
      }
      return found;
    },
    switch: (id, on, most) => update({ UUID: id, Enabled: on }, most),
    allow: (id, most) => update({ UUID: id }, most),
    async waiting(queue) {
      const { GetQueueAttributesCommand, GetQueueUrlCommand } = await import('@aws-sdk/client-sqs');
      const client = await clients.sqs();
      const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName: queue.split(':').at(-1) }));
      const name = 'ApproximateNumberOfMessages';
      const { Attributes } = await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [name] }));
      return Number(Attributes?.[name] ?? 0);
    },
    async shared() {
      const { GetAccountSettingsCommand } = await import('@aws-sdk/client-lambda');
      const { AccountLimit } = await (await clients.lambda()).send(new GetAccountSettingsCommand({}));
      return AccountLimit?.UnreservedConcurrentExecutions ?? 0;
    },
  };
}

export interface Rules {
  enable(name: string): Promise<void>;
  disable(name: string): Promise<void>;
}

export function rulesOf(clients: Clients): Rules {
  return {
    async enable(name) {
      const { EnableRuleCommand } = await import('@aws-sdk/client-eventbridge');
      await (await clients.events()).send(new EnableRuleCommand({ Name: name }));
    },
    async disable(name) {
      const { DisableRuleCommand } = await import('@aws-sdk/client-eventbridge');
      await (await clients.events()).send(new DisableRuleCommand({ Name: name }));
    },
  };
}
