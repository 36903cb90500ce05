/** What IAM and signatures do here, for the coverage document: read from the evaluator where it can be. */

import type { Service } from '../contract.ts';
import { callerKeyNames, deliveredKeyNames } from './caller.ts';
import { operatorNames } from './condition.ts';
import { globalKeyNames } from './global-keys.ts';
import { serviceKeyNames } from './service-grant.ts';

/** Markdown, line by line. */
export function iamCoverage(services: readonly Pick<Service, 'name' | 'resourcePolicy'>[]): string[] {
  const withPolicies = services.filter(({ resourcePolicy }) => resourcePolicy !== undefined).map(({ name }) => name);
  return [
    '## Signatures, policies and the network between them',
    '',
    "**Signatures**: AWS Signature Version 4 in the header or the query string, by AWS time or the machine's, 15 minutes either way; session",
    'tokens; signed, unsigned and trailing-checksum `aws-chunked` bodies, each chunk verified. Of Signature',
    'Version 2 only presigned S3 URLs, which speak to us-east-1. Refused: Signature Version 4A, anonymous calls.',
    '',
    '**Policies**: identity policies (inline, managed by the account, and the common ones managed by AWS), permissions boundaries, session',
    'policies, role trust policies, VPC endpoint policies, KMS grants, and the resource policies of',
    `${[...withPolicies].sort().join(', ')}. Not there: service and resource control policies, S3 ACLs other than the default, policies of other accounts.`,
    '',
    '**Elements**: Version, Id, Sid, Effect, Principal (AWS, Service), NotPrincipal (with Deny), Action, NotAction, Resource, NotResource,',
    'Condition; policy variables with their defaults and escapes. `Federated` and `CanonicalUser` principals are read and match nobody.',
    '',
    `**Condition operators** (${operatorNames.length}), each with \`IfExists\` but Null, and with \`ForAllValues:\` and \`ForAnyValue:\`: ${operatorNames.join(', ')}.`,
    '',
    `**Condition keys of every call**: ${[...globalKeyNames, ...callerKeyNames].join(', ')}. Of a service that acts for a resource: ${serviceKeyNames.join(', ')}. Of the credentials of a function or an instance: ${deliveredKeyNames.join(', ')}.`,
    'Services add their own: `aws:RequestTag/*`, `aws:ResourceTag/*`, `aws:TagKeys`, `iam:PassedToService`, `sts:ExternalId`, `kms:EncryptionContext:*` and the like.',
    'A key that no call has is absent, as on AWS: only negated, `IfExists`, `Null` and `ForAllValues` conditions hold for it.',
    '',
    '**STS**: AssumeRole with session policies, session tags, external ids and the hour of role chaining. Refused by name: MFA, SourceIdentity,',
    "TransitiveTagKeys, ProvidedContexts; web identity, SAML and federation are operations the sandbox doesn't have.",
    '',
    '**Reaching an API from a VPC**: over an internet or NAT gateway, a gateway endpoint on the route table of the subnet, or an interface',
    "endpoint whose security groups admit the caller. Otherwise the call hangs, and the sandbox's log names the reason once. The same judgement",
    "is made for databases, load balancers and instances. Not modelled: network ACLs, peering, transit gateways, IPv6, VPC endpoints of other services' own.",
    "A program of an instance that isn't Node's is known by its process, and judged the same; it has this machine's time, and the sandbox's names aren't",
    'resolved for it: it calls `AWS_ENDPOINT_URL`.',
    '',
  ];
}
