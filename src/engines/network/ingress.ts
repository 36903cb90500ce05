/** The way in: the ingress rules of a security group, taken away by the fence and given back when going home. Established connections survive the revocation. */

import type { IpPermission } from '@aws-sdk/client-ec2';
import type { Clients } from '../../aws/clients.ts';
import { terminalError } from '../../kernel/errors.ts';

export interface Ingress {
  read(): Promise<IpPermission[]>;
  revoke(rules: readonly IpPermission[]): Promise<void>;
  restore(rules: readonly IpPermission[]): Promise<void>;
}

export function ingressOf(clients: Clients, groupName: string): Ingress {
  const describe = async () => {
    const group = await findSecurityGroup(clients, groupName);
    if (group === undefined)
      throw terminalError(`There is no security group ${groupName}.`, { next: "Deploy the workload's stacks." });
    return group;
  };
  return {
    async read() {
      return (await describe()).permissions;
    },
    async revoke(rules) {
      if (rules.length === 0) return;
      const { RevokeSecurityGroupIngressCommand } = await import('@aws-sdk/client-ec2');
      const { id } = await describe();
      await (await clients.ec2()).send(
        new RevokeSecurityGroupIngressCommand({ GroupId: id, IpPermissions: [...rules] }),
      );
    },
    async restore(rules) {
      if (rules.length === 0) return;
      const { AuthorizeSecurityGroupIngressCommand } = await import('@aws-sdk/client-ec2');
      const { id } = await describe();
      await (await clients.ec2()).send(
        new AuthorizeSecurityGroupIngressCommand({ GroupId: id, IpPermissions: [...rules] }),
      );
    },
  };
}

export async function findSecurityGroup(
  clients: Clients,
  groupName: string,
): Promise<{ id: string; permissions: IpPermission[] } | undefined> {
  const { DescribeSecurityGroupsCommand } = await import('@aws-sdk/client-ec2');
  const client = await clients.ec2();
  const { SecurityGroups } = await client.send(
    new DescribeSecurityGroupsCommand({ Filters: [{ Name: 'group-name', Values: [groupName] }] }),
  );
  const [found] = SecurityGroups ?? [];
  return found?.GroupId === undefined ? undefined : { id: found.GroupId, permissions: found.IpPermissions ?? [] };
}
