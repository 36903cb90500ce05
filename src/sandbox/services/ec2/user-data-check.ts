/** Refuses user data that an instance here couldn't do with, by name, before anything is launched. */

import { AwsError } from '../../contract.ts';
import { containmentProblem } from '../../instances/containment.ts';
import { scriptsToRun, userDataProblem } from '../../instances/user-data.ts';

/** Source of the limit: EC2 User Guide, "Run commands when you launch an EC2 instance with user data input": 16 KB before encoding. */
const longest = 16 * 1024;

export function checkUserData(userData: string | undefined): void {
  if (userData === undefined) return;
  if (Buffer.from(userData, 'base64').length > longest) {
    throw new AwsError('InvalidParameterValue', `User data is limited to ${longest} bytes`);
  }
  const kind = userDataProblem(userData);
  if (kind !== undefined) {
    throw new AwsError(
      'UnsupportedOperation',
      `The sandbox doesn't run user data of the kind ${kind}. It runs scripts that begin with #!, alone or as parts of the type text/x-shellscript.`,
    );
  }
  const why = scriptsToRun(userData).length === 0 ? undefined : containmentProblem();
  if (why === undefined) return;
  throw new AwsError(
    'UnsupportedOperation',
    `The sandbox can't run this user data: on this machine a script can't be kept from the machine itself, which takes user namespaces and overlays in them (${why}).`,
  );
}
