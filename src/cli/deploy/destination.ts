/** Where a deployment goes: AWS by the SDK's own credentials or a profile's, or a sandbox that runs. The path from here on is the same. */

import type { AccountClients } from '../../aws/account-clients.ts';
import { accountClientsFor } from '../../aws/account-clients.ts';
import type { Credentials } from '../../aws/clients.ts';
import { usageError } from '../../kernel/errors.ts';
import { chosenRun } from '../sandbox-choice.ts';

export interface Destination {
  readonly kind: 'aws' | 'sandbox';
  /** `profile staging`, `sandbox 3f2a`. */
  readonly says: string;
  clients(region: string): AccountClients;
  /** Clients that soon know whether anybody is there, for looks at Regions that may be dark. */
  quick(region: string): AccountClients;
  /** The same Region's clients with other credentials: a role's. */
  as(region: string, credentials: () => Promise<Credentials & { expiration?: Date }>): AccountClients;
  /** Puts back what was changed for the time of the deployment. */
  close(): Promise<void>;
}

export interface DestinationFlags {
  readonly profile?: string;
  /** An id, or what it begins with; true for the one that runs. */
  readonly sandbox?: string | true;
  /** In a sandbox: AWS seconds per real second while the command is at work. */
  readonly speed?: number | 'max';
}

/** @throws a usage error when both are named, or what is named isn't there. */
export async function openDestination({ profile, sandbox, speed }: DestinationFlags): Promise<Destination> {
  if (sandbox === undefined) {
    if (speed !== undefined) throw usageError('--speed is for sandboxes.', { next: 'Leave it out, or add --sandbox.' });
    return awsDestination(profile);
  }
  if (profile !== undefined) {
    throw usageError('A profile and a sandbox are both given.', {
      given: `--profile ${profile} and --sandbox`,
      allowed: 'one of them',
      next: 'Leave one out.',
    });
  }
  return sandboxDestination(sandbox === true ? undefined : sandbox, speed ?? 'max');
}

/** A deployment's calls may take their time; a dark Region must still not hold it up for long. */
const timeouts = { connectionTimeout: 5000, requestTimeout: 20_000 } as const;
const impatience = { connectionTimeout: 3000, requestTimeout: 6000, attempts: 2 } as const;

/** What clients need to go where the credentials of the environment, or of a profile, lead. @throws a usage error for an unknown profile. */
export async function awsSettings(
  profile: string | undefined,
): Promise<{ readonly endpoint?: string; readonly pathStyle: boolean }> {
  const settings = await profileSettings(profile);
  if (profile !== undefined) {
    // As with the aws CLI, a profile that is named goes before credentials in the environment. The CDK app sees the same one.
    process.env.AWS_PROFILE = profile;
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN']) delete process.env[name];
  }
  // The SDK finds it by itself; where buckets stand depends on it.
  const endpoint = process.env.AWS_ENDPOINT_URL ?? settings.endpoint_url;
  return { ...(endpoint === undefined ? {} : { endpoint }), pathStyle: endpoint !== undefined };
}

async function awsDestination(profile: string | undefined): Promise<Destination> {
  const { endpoint, pathStyle } = await awsSettings(profile);
  const shared = { ...timeouts, pathStyle };
  const whose = profile ?? process.env.AWS_PROFILE;
  const credentials = whose === undefined ? 'the credentials of the environment' : `profile ${whose}`;
  return {
    kind: 'aws',
    says: endpoint === undefined ? credentials : `${credentials} at ${endpoint}`,
    clients: remembered((region) => accountClientsFor(region, shared)),
    quick: remembered((region) => accountClientsFor(region, { ...shared, ...impatience })),
    as: (region, given) => accountClientsFor(region, { ...shared, credentials: given }),
    close: async () => {},
  };
}

async function profileSettings(profile: string | undefined): Promise<Readonly<Record<string, string | undefined>>> {
  const { loadSharedConfigFiles } = await import('@smithy/core/config');
  const { configFile, credentialsFile } = await loadSharedConfigFiles({ ignoreCache: true });
  const known = [...new Set([...Object.keys(configFile), ...Object.keys(credentialsFile)])]
    // Sections of other kinds are told by their prefix.
    .filter((name) => !/^(sso-session|services)\./.test(name));
  if (profile !== undefined && !known.includes(profile)) {
    throw usageError('There is no such profile.', {
      given: profile,
      allowed: known.length === 0 ? 'none: the AWS config files hold no profiles' : known.join(', '),
      next: 'Name one of them, or make it with `aws configure --profile`.',
    });
  }
  const name = profile ?? process.env.AWS_PROFILE ?? 'default';
  return { ...configFile[name], ...credentialsFile[name] };
}

async function sandboxDestination(id: string | undefined, speed: number | 'max'): Promise<Destination> {
  const run = await chosenRun(id);
  const { runningSandbox } = await import('../../sandbox/control/client.ts');
  const sandbox = runningSandbox(run);
  const environment = await sandbox.ask<'environment'>({ ask: 'environment' });
  const { AWS_ENDPOINT_URL: endpoint = '', AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '' } = environment;
  const shared = { ...timeouts, endpoint };
  const credentials = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY };
  const { ceiling } = await sandbox.ask<'clock'>({ ask: 'clock' });
  await sandbox.ask<'speed'>({ ask: 'speed', speed });
  return {
    kind: 'sandbox',
    says: `sandbox ${run.id}`,
    clients: remembered((region) => accountClientsFor(region, { ...shared, credentials })),
    quick: remembered((region) => accountClientsFor(region, { ...shared, ...impatience, credentials })),
    as: (region, given) => accountClientsFor(region, { ...shared, credentials: given }),
    async close() {
      // It may have ended meanwhile, and taken its clock along.
      await sandbox.ask<'speed'>({ ask: 'speed', speed: ceiling }).catch(() => {});
    },
  };
}

function remembered(make: (region: string) => AccountClients): (region: string) => AccountClients {
  const known = new Map<string, AccountClients>();
  return (region) => {
    const clients = known.get(region) ?? make(region);
    known.set(region, clients);
    return clients;
  };
}
