/** Secrets in plain text: what a config file holds ends in a repository, a template and the console. */

import type { Workload } from '../config.ts';
import type { Problem } from '../refusal.ts';

const secretName = /pass(word|wd|phrase)|secret|token|credential|api[-_]?key|private[-_]?key|access[-_]?key/i;

/** Values that say where a secret is, or that can't be one. */
const harmless = /^(arn:|\/|https?:\/\/[^@]*$|\{\{resolve:|\d*$|true$|false$)/;

/** What keys and tokens of well-known issuers begin with. */
const secretValues: readonly { readonly what: string; readonly looks: RegExp }[] = [
  { what: 'an AWS access key', looks: /\b(AKIA|ASIA)[A-Z0-9]{16}\b/ },
  { what: 'a private key', looks: /-----BEGIN [A-Z ]*PRIVATE KEY-----/ },
  { what: 'a GitHub token', looks: /\b(gh[pousr]_|github_pat_)[A-Za-z0-9_]{20,}/ },
  { what: 'a Slack token or webhook', looks: /\bxox[abprs]-[A-Za-z0-9-]{10,}|hooks\.slack\.com\/services\// },
  { what: 'a JSON web token', looks: /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\./ },
  { what: 'a URL with a password', looks: /\b[a-z][a-z0-9+]*:\/\/[^\s/:@]+:[^\s/@]+@/ },
];

const allowed =
  'the name of a secret in Secrets Manager, or nothing: write a SecureString under the parameter path yourself, Pilot Light copies it to the other Region';

interface Written {
  readonly path: readonly string[];
  readonly name: string;
  readonly value: string;
}

export function plainSecrets({ compute, parameters }: Workload): Problem[] {
  const written: Written[] = [
    ...Object.entries(compute).flatMap(([group, { environment, userData = '' }]) => [
      ...Object.entries(environment).map(([name, value]) => ({
        path: ['compute', group, 'environment', name],
        name,
        value,
      })),
      ...userData.split('\n').map((line) => ({ path: ['compute', group, 'userData'], ...assignment(line) })),
    ]),
    ...Object.entries(parameters.values).map(([name, value]) => ({
      path: ['parameters', 'values', name],
      name,
      value,
    })),
  ];
  return written.flatMap(({ path, name, value }) => {
    const looksLike = suspicion(name, value);
    return looksLike === undefined ? [] : [{ path, message: `${looksLike} in plain text`, allowed }];
  });
}

/** What a line of a script sets, if it sets anything; what the shell works out is no plain text. */
function assignment(line: string): { name: string; value: string } {
  const [, name, value] = /^\s*(?:export\s+)?(\w+)=["']?([^"'\s$`]+)["']?\s*$/.exec(line) ?? [];
  return name === undefined || value === undefined ? { name: '', value: line } : { name, value };
}

function suspicion(name: string, value: string): string | undefined {
  const known = secretValues.find(({ looks }) => looks.test(value));
  if (known !== undefined) return `what looks like ${known.what}`;
  return secretName.test(name) && !harmless.test(value) ? 'what its name calls a secret' : undefined;
}
