/** Who the credentials belong to, and which of the Regions answer: asked in each of them, since any may be dark. */

import type { AccountClients } from '../../aws/account-clients.ts';
import { messageOf } from '../../kernel/errors.ts';
import type { Problem } from './requirements.ts';

export interface Caller {
  readonly account: string;
  readonly arn: string;
}

export interface RegionLook {
  readonly caller: Caller | undefined;
  readonly problems: readonly Problem[];
  /** Regions that don't answer. */
  readonly dark: readonly string[];
}

export async function lookAtRegions(
  regions: readonly string[],
  clients: (region: string) => AccountClients,
): Promise<RegionLook> {
  const looks = await Promise.all(regions.map(async (region) => ({ region, ...(await callerIn(clients(region))) })));
  const caller = looks.find((look) => look.caller !== undefined)?.caller;
  const failed = looks.filter(({ error }) => error !== undefined);
  const dark = failed.filter(({ error }) => isSilence(error)).map(({ region }) => region);
  const others = failed.filter(({ region }) => !dark.includes(region));
  const silent = dark.map((region): Problem => ({ region, what: "The Region doesn't answer.", next: whenDark }));
  if (caller === undefined) {
    // One reason, not one for each Region.
    const [first] = others;
    return { caller, dark, problems: [...(first === undefined ? [] : [credentialsProblem(first.error)]), ...silent] };
  }
  const closed = await Promise.all(
    others.map(({ error, region }) =>
      closedRegion(region, error, clients(looks.find((look) => look.caller)?.region ?? region)),
    ),
  );
  return { caller, dark, problems: [...closed, ...silent] };
}

const whenDark = 'Wait until it is back, or deploy the other Region alone: --only primary or --only recovery.';

async function callerIn(clients: AccountClients): Promise<{ caller?: Caller; error?: unknown }> {
  const { GetCallerIdentityCommand } = await import('@aws-sdk/client-sts');
  try {
    const { Account = '', Arn = '' } = await (await clients.sts()).send(new GetCallerIdentityCommand({}));
    return { caller: { account: Account, arn: Arn } };
  } catch (error) {
    return { error };
  }
}

/** Nobody there, as against somebody who refuses. */
export function isSilence(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  return (
    error.name === 'TimeoutError' ||
    /^(ECONN|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|EPIPE)/.test(code) ||
    /socket hang up/.test(error.message)
  );
}

function credentialsProblem(error: unknown): Problem {
  const name = error instanceof Error ? error.name : '';
  if (/Expired|TokenRefresh|SSOToken/.test(name) || /expired|SSO session/.test(messageOf(error))) {
    return {
      what: `The credentials have expired: ${messageOf(error)}`,
      next: 'Log in again (`aws sso login`), or get new ones.',
    };
  }
  if (name === 'CredentialsProviderError') {
    return {
      what: `There are no credentials: ${messageOf(error)}.`,
      next: 'Name a profile with --profile, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; --sandbox needs none.',
    };
  }
  return {
    what: `AWS doesn't accept the credentials: ${name}: ${messageOf(error)}`,
    next: 'Check them with `aws sts get-caller-identity`.',
  };
}

/** A Region that an account hasn't opted in to knows none of its credentials. */
async function closedRegion(region: string, error: unknown, elsewhere: AccountClients): Promise<Problem> {
  const status = await optInStatus(region, elsewhere);
  if (status === 'not-opted-in' || status === 'unknown') {
    const certainly =
      status === 'unknown' ? 'The account seems not to have opted in to it' : "The account hasn't opted in to it";
    return {
      region,
      what: `${certainly}: ${messageOf(error)}`,
      next: `Run \`aws account enable-region --region-name ${region}\` and wait until it is enabled.`,
    };
  }
  return {
    region,
    what: `It refuses the credentials: ${messageOf(error)}`,
    next: 'Activate STS there, or check service control policies.',
  };
}

async function optInStatus(region: string, elsewhere: AccountClients): Promise<string> {
  const { DescribeRegionsCommand } = await import('@aws-sdk/client-ec2');
  try {
    const client = await elsewhere.ec2();
    const { Regions } = await client.send(new DescribeRegionsCommand({ RegionNames: [region], AllRegions: true }));
    return Regions?.[0]?.OptInStatus ?? 'unknown';
  } catch {
    return 'unknown';
  }
}
