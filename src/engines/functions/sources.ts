/** Event sources of the workload's functions, and the rules of upkeep. Only one side's may be on: an enabled standby one is a second consumer. */

import type { Clients } from '../../aws/clients.ts';

export interface Source {
  readonly id: string;
  readonly state: string;
}

export interface Sources {
  list(functionName: string): Promise<Source[]>;
  switch(id: string, on: boolean): Promise<void>;
}

export function sourcesOf(clients: Clients): Sources {
  return {
    async list(functionName) {
      const { paginateListEventSourceMappings } = await import('@aws-sdk/client-lambda');
      const client = await clients.lambda();
      const found: Source[] = [];
      for await (const page of paginateListEventSourceMappings({ client }, { FunctionName: functionName })) {
        for (const { UUID, State } of page.EventSourceMappings ?? [])
          found.push({ id: UUID ?? '', state: State ?? '' });
      }
      return found;
    },
    async switch(id, on) {
      const { UpdateEventSourceMappingCommand } = await import('@aws-sdk/client-lambda');
      const client = await clients.lambda();
      await client.send(new UpdateEventSourceMappingCommand({ UUID: id, Enabled: on }));
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
