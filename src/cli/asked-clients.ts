/**
 * How a command reaches a workload that stands: clients and a clock, of AWS or of a running sandbox. Everything with little patience:
 * whoever asks has an outage on their hands.
 */

import { hostname, userInfo } from 'node:os';
import type { AccountClients } from '../aws/account-clients.ts';
import { accountClientsFor } from '../aws/account-clients.ts';
import type { Clients } from '../aws/clients.ts';
import { clientsFor } from '../aws/clients.ts';
import type { Base } from '../engines/base.ts';
import { baseContext } from '../engines/base.ts';
import type { Sql } from '../engines/database/sql.ts';
import type { Clock } from '../kernel/clock.ts';
import { wallClock } from '../kernel/clock.ts';
import { usageError } from '../kernel/errors.ts';
import { systemIds } from '../kernel/ids.ts';
import type { Workload } from '../workload/config.ts';
import { namesOf } from '../workload/names.ts';
import { awsSettings } from './deploy/destination.ts';
import { loadWorkload } from './load-workload.ts';
import { chosenRun } from './sandbox-choice.ts';

/** What is common to all commands that ask a workload. */
export interface AskedFlags {
  readonly config?: string;
  readonly profile?: string;
  /** An id, or what it begins with; true for the one that runs. */
  readonly sandbox?: string | true;
  readonly json?: boolean;
}

const impatience = { connectionTimeout: 1000, requestTimeout: 3500, attempts: 1 } as const;
/** A step is asked again by itself; but the SQL function may take as long as its database does. */
const acting = { connectionTimeout: 2000, requestTimeout: 30_000, attempts: 2 } as const;
/** For one look at many things, none of which is waited for long. */
export const glance = { connectionTimeout: 600, requestTimeout: 1000, attempts: 1 } as const;
type Patience = typeof impatience | typeof acting | typeof glance;

/** The workload of a config file, where it is deployed. Its clock is AWS's own as far as it is known: a sandbox's, or this machine's. */
export async function askedBase(
  { config, profile, sandbox }: Omit<AskedFlags, 'json'>,
  patience: Patience = impatience,
): Promise<Base> {
  const { workload } = await loadWorkload(config);
  const { clients, clock } = await (sandbox === undefined ? aws(profile, patience) : inSandbox(sandbox, patience));
  return baseContext({ workload, clock, ids: systemIds, clientsFor: clients });
}

/** A workload that stands, and who asks. */
export interface AskedWorkload {
  readonly base: Base;
  /** By the credentials: an ARN. Who the machine says it is, where that can't be asked. */
  readonly caller: () => Promise<string>;
}

/** For who leaves their name with what they say. */
export async function askedWorkload({ config, profile, sandbox }: Omit<AskedFlags, 'json'>): Promise<AskedWorkload> {
  const { workload } = await loadWorkload(config);
  const { clients, clock } = await (sandbox === undefined ? aws(profile) : inSandbox(sandbox));
  const base = baseContext({ workload, clock, ids: systemIds, clientsFor: clients });
  return { base, caller: () => callerOf(clients(workload.recovery.region)) };
}

async function callerOf(clients: AccountClients): Promise<string> {
  const { GetCallerIdentityCommand } = await import('@aws-sdk/client-sts');
  try {
    const { Arn } = await (await clients.sts()).send(new GetCallerIdentityCommand({}));
    if (Arn !== undefined) return Arn;
  } catch {
    // The same credentials write the state: they are refused there, if they are.
  }
  return `${userInfo().username}@${hostname()}`;
}

/** @throws a usage error where nothing is deployed. `read` is the first question. */
export async function orNoState<T>(base: Base, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ResourceNotFoundException') throw error;
    throw noState(base, error);
  }
}

export const noState = ({ names, workload }: Base, cause?: Error): Error =>
  usageError(
    `There is no state of ${names.prefix}: no table ${names.table} in ${workload.recovery.region}, account ${workload.account}.`,
    { next: 'Deploy the workload, or give --config, --profile or --sandbox of one that is.', cause },
  );

/** For whoever carries out a plan in this process: with the patience that takes, and perhaps another way to the database. */
export async function actingBase({ config, endpoint, profile, sandbox, sql }: ActingFlags): Promise<Base> {
  const { workload } = await loadWorkload(config);
  const { clients, clock } = await (sandbox === undefined ? aws(profile, acting) : inSandbox(sandbox, acting));
  const clientsWith = endpoint === undefined ? clients : (region: string) => clientsFor(region, { endpoint });
  return baseContext({
    workload,
    clock,
    ids: systemIds,
    clientsFor: clientsWith,
    ...(sql === undefined ? {} : { recoverySql: await forwarded(workload, sql) }),
  });
}

interface ActingFlags extends Omit<AskedFlags, 'json'> {
  readonly endpoint?: string;
  /** `host:port` of the recovery Region's database, forwarded. */
  readonly sql?: string;
}

/** @throws a usage error for anything but a host and a port. */
async function forwarded(workload: Workload, given: string): Promise<(clients: Clients) => Sql> {
  const [, host, port] = /^([^:\s]+|\[[0-9a-f:]+\]):(\d{1,5})$/i.exec(given) ?? [];
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535) {
    throw usageError("That is no database's address.", { given, allowed: 'HOST:PORT, like 127.0.0.1:3307' });
  }
  const { sqlAt } = await import('../engines/database/connection.ts');
  const names = namesOf(workload);
  return (clients) => sqlAt({ host, port: Number(port), clients, names, schema: workload.database.name });
}

interface Asked {
  readonly clients: (region: string) => AccountClients;
  readonly clock: Clock;
}

async function aws(profile: string | undefined, patience: Patience = impatience): Promise<Asked> {
  const { pathStyle } = await awsSettings(profile);
  const shared = { ...patience, pathStyle };
  return { clients: (region) => accountClientsFor(region, shared), clock: wallClock };
}

/** Asked as it runs: a question that changed its speed would change what it asks about. */
async function inSandbox(id: string | true, patience: Patience = impatience): Promise<Asked> {
  const run = await chosenRun(id === true ? undefined : id);
  const { runningSandbox } = await import('../sandbox/control/client.ts');
  const sandbox = runningSandbox(run);
  const [environment, { awsTime, actual }] = await Promise.all([
    sandbox.ask<'environment'>({ ask: 'environment' }),
    sandbox.ask<'clock'>({ ask: 'clock' }),
  ]);
  const { AWS_ENDPOINT_URL: endpoint = '', AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '' } = environment;
  const credentials = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY };
  const [then, began] = [Date.parse(awsTime), wallClock.now()];
  return {
    clients: (region) => accountClientsFor(region, { ...patience, endpoint, credentials }),
    // Waits are real: it is a person who waits.
    clock: {
      now: () => then + actual * (wallClock.now() - began),
      after: (delay, action) => wallClock.after(delay, action),
    },
  };
}
