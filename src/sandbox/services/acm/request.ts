/** RequestCertificate: a public certificate, to be validated by DNS. */

import type { RequestCertificateCommandInput, RequestCertificateCommandOutput } from '@aws-sdk/client-acm';
import type { AnyOperation, SandboxCore } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import { tagContext } from '../ec2/asks.ts';
import type { Answer } from '../ec2/supported-members.ts';
import { strictOperation } from '../ec2/supported-members.ts';
import { newKey } from './keys.ts';
import { type CertificateRow, certificateArn, certificateTable } from './rows.ts';
import { awaitValidation } from './validation.ts';

const tokenLifetime = 3_600_000;
/** Of the first name, which becomes the certificate's common name. Source: RequestCertificate, DomainName. */
const longestCommonName = 64;
const mostNames = 10;

export function requestOperation(core: SandboxCore): AnyOperation {
  return strictOperation<RequestCertificateCommandInput, Answer<RequestCertificateCommandOutput>>({
    name: 'RequestCertificate',
    members: [
      'DomainName',
      'ValidationMethod',
      'SubjectAlternativeNames',
      'IdempotencyToken',
      'DomainValidationOptions',
      'Options',
      'Tags',
      'KeyAlgorithm',
    ],
    authorize: (input) => [
      {
        action: 'acm:RequestCertificate',
        resource: '*',
        context: {
          ...tagContext(input.Tags?.map(({ Key = '', Value = '' }) => ({ Key, Value }))),
          'acm:DomainNames': namesOf(input),
          'acm:KeyAlgorithm': input.KeyAlgorithm ?? 'RSA_2048',
          'acm:ValidationMethod': input.ValidationMethod ?? 'EMAIL',
        },
      },
    ],
    async handle(input, { region }) {
      const domains = checkedNames(input);
      const method = input.ValidationMethod ?? 'EMAIL';
      if (method !== 'DNS') {
        throw new AwsError(
          'UnsupportedOperation',
          `The sandbox doesn't validate by ${method}. It supports: ValidationMethod DNS.`,
        );
      }
      const known = sameRequest(core, region, input, domains);
      if (known !== undefined) return { CertificateArn: known.arn };
      const keyAlgorithm = input.KeyAlgorithm ?? 'RSA_2048';
      const privateKey = await newKey(core, keyAlgorithm);
      const arn = certificateArn(core, region);
      certificateTable(core, region).put(arn, {
        arn,
        domains,
        status: 'PENDING_VALIDATION',
        type: 'AMAZON_ISSUED',
        keyAlgorithm,
        createdAt: core.region(region).clock.now(),
        token: input.IdempotencyToken,
        transparency: input.Options?.CertificateTransparencyLoggingPreference ?? 'ENABLED',
        privateKey,
        tags: Object.fromEntries((input.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value])),
      });
      awaitValidation(core, region, arn);
      return { CertificateArn: arn };
    },
  });
}

const namesOf = ({ DomainName = '', SubjectAlternativeNames = [] }: RequestCertificateCommandInput): string[] => [
  ...new Set([DomainName, ...SubjectAlternativeNames].map((name) => name.toLowerCase())),
];

function checkedNames(input: RequestCertificateCommandInput): string[] {
  const names = namesOf(input);
  const [first = ''] = names;
  if (first.length > longestCommonName) {
    throw new AwsError(
      'InvalidDomainValidationOptionsException',
      `The first domain name can be no longer than ${longestCommonName} characters. Given: ${first}.`,
    );
  }
  if (names.length > mostNames) {
    throw new AwsError(
      'LimitExceededException',
      `The certificate has ${names.length} names; the quota is ${mostNames}.`,
    );
  }
  const stranger = (input.DomainValidationOptions ?? []).find(
    ({ DomainName = '' }) => !names.includes(DomainName.toLowerCase()),
  );
  if (stranger !== undefined) {
    throw new AwsError(
      'InvalidDomainValidationOptionsException',
      `The validation options name ${stranger.DomainName}, which the certificate is not for.`,
    );
  }
  return names;
}

/** Asked again with its token within the hour, a request is the one that was made. */
function sameRequest(
  core: SandboxCore,
  region: string,
  { IdempotencyToken: token }: RequestCertificateCommandInput,
  domains: readonly string[],
): CertificateRow | undefined {
  if (token === undefined) return undefined;
  const since = core.region(region).clock.now() - tokenLifetime;
  return certificateTable(core, region)
    .values()
    .find((row) => row.token === token && row.createdAt > since && row.domains.join() === domains.join());
}
