/** Makes a target for each case out of a place where cases run. */

import { randomBytes } from 'node:crypto';
import {
  AttachRolePolicyCommand,
  CreateRoleCommand,
  DeleteRoleCommand,
  DetachRolePolicyCommand,
  IAMClient,
} from '@aws-sdk/client-iam';
import type { ContractTarget } from './contract.ts';

export interface TargetHost {
  readonly kind: ContractTarget['kind'];
  readonly account: string;
  readonly region: string;
  readonly otherRegion: string;
  readonly endpoint: string | undefined;
  /** For every client. */
  readonly settings: object;
  readonly waiting: ContractTarget['waiting'];
  /** How often `eventually` asks, and the milliseconds in between. */
  readonly patience: { readonly attempts: number; readonly pause: number };
  close(): Promise<void>;
}

/** A target whose clean-up runs when it is disposed of; what fails in it is told after all of it has been tried. */
export function targetOn(host: TargetHost): ContractTarget & AsyncDisposable {
  const undo: (() => Promise<unknown>)[] = [];
  const target: ContractTarget = {
    kind: host.kind,
    account: host.account,
    region: host.region,
    otherRegion: host.otherRegion,
    endpoint: host.endpoint,
    waiting: host.waiting,
    name: () => `pl-contract-${randomBytes(6).toString('hex')}`,
    client(Client, options = {}) {
      const client = new Client({ maxAttempts: 5, region: host.region, ...host.settings, ...options });
      undo.unshift(async () => client.destroy());
      return client;
    },
    after: (action) => void undo.push(action),
    async eventually(check) {
      for (let attempt = 1; ; attempt++) {
        try {
          return await check();
        } catch (error) {
          if (attempt >= host.patience.attempts) throw error;
          await new Promise((resolve) => setTimeout(resolve, host.patience.pause));
        }
      }
    },
    async role(service, PolicyArn) {
      const iam = target.client(IAMClient);
      const RoleName = target.name();
      const statement = { Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' };
      const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
      const { Role } = await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
      target.after(() => iam.send(new DeleteRoleCommand({ RoleName })));
      if (PolicyArn !== undefined) {
        await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn }));
        target.after(() => iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn })));
      }
      // On AWS, services don't know a new role for some seconds.
      if (host.kind === 'aws') await new Promise((resolve) => setTimeout(resolve, 12_000));
      return Role?.Arn ?? '';
    },
  };
  return Object.assign(target, {
    async [Symbol.asyncDispose]() {
      const failures: unknown[] = [];
      for (const action of undo.reverse()) await action().catch((error: unknown) => failures.push(error));
      if (failures.length > 0)
        throw new AggregateError(failures, `Clean-up left something behind: ${failures.map(String).join('; ')}`);
    },
  });
}
