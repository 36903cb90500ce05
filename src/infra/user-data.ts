/**
 * What an instance runs when it first starts: the application's environment is written as the file the image's service reads (systemd's
 * `EnvironmentFile`, or a shell's `.`), since what a user data script exports ends with the script; then the group's own script. The
 * service is to be ordered after cloud-final.service. Everything else the application needs it reads from the parameters under its path.
 */

import { regionOf } from '../workload/judged.ts';
import type { Place } from './place.ts';

const environmentFile = '/etc/pilot-light.env';

export function userData({ workload, names, side }: Place, group: string): string {
  const { environment = {}, port = 0, serves, userData: own = '' } = workload.compute[group] ?? {};
  const variables = {
    ...environment,
    AWS_REGION: regionOf(workload, side),
    ...(serves === 'nothing' ? {} : { PORT: String(port) }),
    PARAMETER_PATH: names.parameterPath,
    DATABASE_NAME: workload.database.name,
  };
  const [, shell = '#!/bin/sh', script = own] = /^(#!\/bin\/(?:ba)?sh[^\n]*)(?:\n([\s\S]*))?$/.exec(own) ?? [];
  return [
    shell,
    `cat > ${environmentFile} <<'END_OF_ENVIRONMENT'`,
    ...Object.entries(variables).map(([name, value]) => `${name}=${quoted(value)}`),
    'END_OF_ENVIRONMENT',
    ...(script === '' ? [] : [script.trimEnd()]),
    '',
  ].join('\n');
}

/** Read the same by systemd and by a shell. */
const quoted = (value: string): string =>
  /^[\w@%+=:,./-]*$/.test(value) ? value : `"${value.replaceAll(/[\\"$`]/g, '\\$&')}"`;
