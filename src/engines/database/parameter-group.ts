/** `read_only` of an instance's own parameter group: the database fence, and what opens a replica. Its default, {TrueIfReplica}, must come back before a replica is built with it. */

import type { Clients } from '../../aws/clients.ts';

export interface ParameterGroup {
  /** The value set by a user, or undefined when the default holds. */
  readOnly(): Promise<string | undefined>;
  /** `1` keeps every client from writing, `0` lets them write to a replica too. */
  setReadOnly(value: '0' | '1'): Promise<void>;
  reset(): Promise<void>;
}

export function parameterGroupOf(clients: Clients, name: string): ParameterGroup {
  return {
    async readOnly() {
      const { paginateDescribeDBParameters } = await import('@aws-sdk/client-rds');
      const client = await clients.rds();
      for await (const page of paginateDescribeDBParameters(
        { client },
        { DBParameterGroupName: name, Source: 'user' },
      )) {
        const found = page.Parameters?.find(({ ParameterName }) => ParameterName === 'read_only');
        if (found !== undefined) return found.ParameterValue;
      }
      return undefined;
    },
    async setReadOnly(value) {
      const { ModifyDBParameterGroupCommand } = await import('@aws-sdk/client-rds');
      const client = await clients.rds();
      await client.send(
        new ModifyDBParameterGroupCommand({
          DBParameterGroupName: name,
          Parameters: [{ ParameterName: 'read_only', ParameterValue: value, ApplyMethod: 'immediate' }],
        }),
      );
    },
    async reset() {
      const { ResetDBParameterGroupCommand } = await import('@aws-sdk/client-rds');
      const client = await clients.rds();
      await client.send(
        new ResetDBParameterGroupCommand({
          DBParameterGroupName: name,
          Parameters: [{ ParameterName: 'read_only', ApplyMethod: 'immediate' }],
        }),
      );
    },
  };
}
