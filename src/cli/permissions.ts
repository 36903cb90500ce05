/** `pilot-light permissions`: the policies an account's owner installs or attaches, worked out from the config. Asks nothing of AWS. */

import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { messageOf, usageError } from '../kernel/errors.ts';
import type { PolicyDocument } from '../plan/boundary.ts';
import { boundaryArn, boundaryName, boundaryOf, managedPolicySize, policySize } from '../plan/boundary.ts';
import { deployerPolicy, executionPolicy } from '../plan/deployer.ts';
import { rolesOf } from '../plan/roles.ts';
import type { Workload } from '../workload/config.ts';
import { namesOf } from '../workload/names.ts';
import { loadWorkload } from './load-workload.ts';
import type { PermissionsFlags } from './main.ts';
import { columns, print, printJson } from './text.ts';

const documents = {
  boundary: { of: boundaryOf, says: 'what no role of the workload may exceed' },
  deployer: { of: (workload) => deployerPolicy(workload), says: 'for whoever runs `pilot-light deploy`' },
  execution: {
    of: (workload) => executionPolicy(workload),
    says: "for CloudFormation's execution role, at `cdk bootstrap`",
  },
} as const satisfies Record<string, { of: (workload: Workload) => PolicyDocument; says: string }>;

type DocumentName = keyof typeof documents;
const documentNames = Object.keys(documents) as DocumentName[];

export async function permissions(what: string | undefined, options: PermissionsFlags): Promise<number> {
  if (what !== undefined && !isAllowed(what)) {
    throw usageError('There is no such document.', { given: what, allowed: [...documentNames, 'template'].join(', ') });
  }
  const { workload } = await loadWorkload(options.config);
  if (what === undefined) {
    if (options.out !== undefined) {
      throw usageError('--out needs to know which document.', { allowed: [...documentNames, 'template'].join(', ') });
    }
    overview(workload, options.json === true);
    return 0;
  }
  const text = JSON.stringify(what === 'template' ? template(workload) : documents[what].of(workload), null, 2);
  if (options.out === undefined) print([text]);
  else write(options.out, text);
  return 0;
}

const isAllowed = (what: string): what is DocumentName | 'template' => what === 'template' || what in documents;

function write(path: string, text: string): void {
  try {
    writeFileSync(resolve(path), `${text}\n`);
  } catch (error) {
    throw usageError(`The file can't be written: ${messageOf(error)}.`, {
      given: path,
      next: 'Give --out another path.',
    });
  }
}

/** All three as managed policies, for the account's owner to install before anybody deploys. */
function template(workload: Workload): object {
  const managed = (name: DocumentName, policyName: string) => ({
    Type: 'AWS::IAM::ManagedPolicy',
    Properties: {
      ManagedPolicyName: policyName,
      Description: documents[name].says,
      // The workload's roles name this very policy: what is deployed by it can't make a boundary of its own.
      PolicyDocument: documents[name].of({ ...workload, permissionsBoundary: boundaryArn(workload) }),
    },
  });
  const names = namesOf(workload);
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: `Pilot Light: what ${names.prefix} and its deployment may do at most. Installed once, by the account's owner.`,
    Resources: {
      Boundary: managed('boundary', boundaryName(workload)),
      Deployer: managed('deployer', names.controlFunction('deployer')),
      Execution: managed('execution', names.controlFunction('execution')),
    },
    Outputs: {
      PermissionsBoundary: { Description: "The config's permissionsBoundary", Value: { Ref: 'Boundary' } },
      ExecutionPolicy: {
        Description: 'For cdk bootstrap --cloudformation-execution-policies',
        Value: { Ref: 'Execution' },
      },
    },
  };
}

function overview(workload: Workload, json: boolean): void {
  const roles = rolesOf(workload).map(({ name, of, service, grants }) => ({
    role: name,
    of,
    service,
    grants: grants.length,
  }));
  const sizes = documentNames.map((name) => ({
    name,
    says: documents[name].says,
    size: policySize(documents[name].of(workload)),
  }));
  const boundary = workload.permissionsBoundary ?? boundaryArn(workload);
  if (json) {
    printJson({
      roles,
      boundary,
      documents: Object.fromEntries(documentNames.map((name) => [name, documents[name].of(workload)])),
    });
    return;
  }
  print([
    ...columns(roles.map(({ role, of, service, grants }) => [role, of, service, `${grants} grants`])),
    '',
    workload.permissionsBoundary === undefined
      ? `Each is held by ${boundary}, which the identity stack makes.`
      : `Each is held by ${boundary}, which the config names: the stacks make none.`,
    '',
    ...columns(
      sizes.map(({ name, says, size }) => [
        `pilot-light permissions ${name}`,
        says,
        `${size} of ${managedPolicySize} characters`,
      ]),
    ),
    'pilot-light permissions template   all three as a CloudFormation template',
  ]);
}
