/** `resolve:ssm:` in an image id: an SSM parameter's value, read at launch with the caller's rights. */

import type { Call, SandboxCore } from '../../contract.ts';
import { AwsError, codeOf } from '../../contract.ts';

const prefix = 'resolve:ssm:';

/** The image id itself, or what the parameter it points at says now. The caller needs ssm:GetParameters on it. */
export async function resolvedImageId(core: SandboxCore, call: Call, imageId: string): Promise<string> {
  if (!imageId.startsWith(prefix)) return imageId;
  const name = imageId.slice(prefix.length);
  const answer = await core
    .invoke<{ Parameters?: { Value?: string }[] }>({
      service: 'ssm',
      operation: 'GetParameters',
      region: call.region,
      input: { Names: [name] },
      principal: call.principal,
      from: call.region,
    })
    .catch((error: unknown) => {
      throw new AwsError('InvalidParameterValue', `Couldn't resolve ${imageId}: ${codeOf(error)}: ${String(error)}`);
    });
  const value = answer.Parameters?.[0]?.Value;
  if (value === undefined) {
    throw new AwsError('InvalidParameterValue', `Couldn't resolve ${imageId}: the parameter ${name} does not exist.`);
  }
  if (!/^ami-[0-9a-f]{8,17}$/.test(value)) {
    throw new AwsError('InvalidAMIID.Malformed', `The parameter ${name} isn't an image id: "${value}"`);
  }
  return value;
}
