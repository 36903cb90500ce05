/** AWS Certificate Manager: certificates requested and validated by DNS, or imported. The sandbox's own authority issues them. */

import type {
  AddTagsToCertificateCommandInput,
  DeleteCertificateCommandInput,
  DescribeCertificateCommandInput,
  DescribeCertificateCommandOutput,
  GetCertificateCommandInput,
  GetCertificateCommandOutput,
  ImportCertificateCommandInput,
  ImportCertificateCommandOutput,
  ListCertificatesCommandInput,
  ListCertificatesCommandOutput,
  ListTagsForCertificateCommandInput,
  ListTagsForCertificateCommandOutput,
  RemoveTagsFromCertificateCommandInput,
  Tag,
} from '@aws-sdk/client-acm';
import { authorityCertificate, trustInside } from '../../certificates/authority.ts';
import type { Ask, Call, SandboxCore, Service } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import { tagContext } from '../ec2/asks.ts';
import type { Answer } from '../ec2/supported-members.ts';
import { strictOperation } from '../ec2/supported-members.ts';
import { page } from '../events/paging.ts';
import { tagList, withoutTags } from '../events/tags.ts';
import { certificateChanged } from './certificate-changes.ts';
import { detail, summary, usersOf } from './describe.ts';
import { imported } from './import.ts';
import { requestOperation } from './request.ts';
import { type CertificateRow, certificateArn, certificateNamed, certificateTable } from './rows.ts';
import { type SeedCertificate, seedCertificates } from './seed-certificates.ts';
import { awaitValidation } from './validation.ts';

export interface AcmOptions {
  /** What the account has from the beginning, by ARN. */
  readonly certificates?: Readonly<Record<string, SeedCertificate>>;
}

export function createAcmService(core: SandboxCore, { certificates = {} }: AcmOptions = {}): Service {
  seedCertificates(core, certificates);
  const askOn = (call: Call, action: string, arn: string | undefined, context: Ask['context'] = {}): Ask => {
    const tags = certificateTable(core, call.region).get(arn ?? '')?.tags ?? {};
    const keys = Object.entries(tags).map(([key, value]) => [`aws:ResourceTag/${key}`, value]);
    return { action: `acm:${action}`, resource: arn ?? '*', context: { ...Object.fromEntries(keys), ...context } };
  };
  const change = (call: Call, arn: string | undefined, next: (row: CertificateRow) => CertificateRow): void => {
    const row = certificateNamed(core, call.region, arn);
    certificateTable(core, call.region).put(row.arn, next(row));
  };

  return {
    name: 'acm',
    resume() {
      for (const region of core.regions)
        for (const { arn } of certificateTable(core, region).values()) awaitValidation(core, region, arn);
    },
    operations: {
      RequestCertificate: requestOperation(core),

      ImportCertificate: strictOperation<ImportCertificateCommandInput, Answer<ImportCertificateCommandOutput>>({
        name: 'ImportCertificate',
        members: ['CertificateArn', 'Certificate', 'PrivateKey', 'CertificateChain', 'Tags'],
        authorize: (input, call) => [
          askOn(call, 'ImportCertificate', input.CertificateArn, tagContext(keyed(input.Tags))),
        ],
        handle(input, call) {
          const { CertificateArn: before } = input;
          const known = before === undefined ? undefined : certificateNamed(core, call.region, before);
          if (known?.type === 'AMAZON_ISSUED') {
            throw new AwsError(
              'ValidationException',
              `${before} was issued by AWS: nothing can be imported in its place.`,
            );
          }
          const content = imported(input);
          const now = core.region(call.region).clock.now();
          const arn = known?.arn ?? certificateArn(core, call.region);
          certificateTable(core, call.region).put(arn, {
            arn,
            ...content,
            status: 'ISSUED',
            type: 'IMPORTED',
            createdAt: known?.createdAt ?? now,
            importedAt: now,
            transparency: 'DISABLED',
            tags: { ...known?.tags, ...recordOf(input.Tags) },
          });
          trustInside(core);
          certificateChanged(core, call.region);
          return { CertificateArn: arn };
        },
      }),

      DescribeCertificate: strictOperation<DescribeCertificateCommandInput, Answer<DescribeCertificateCommandOutput>>({
        name: 'DescribeCertificate',
        members: ['CertificateArn'],
        authorize: (input, call) => [askOn(call, 'DescribeCertificate', input.CertificateArn)],
        handle: (input, call) => ({
          Certificate: detail(core, call.region, certificateNamed(core, call.region, input.CertificateArn)),
        }),
      }),

      GetCertificate: strictOperation<GetCertificateCommandInput, Answer<GetCertificateCommandOutput>>({
        name: 'GetCertificate',
        members: ['CertificateArn'],
        authorize: (input, call) => [askOn(call, 'GetCertificate', input.CertificateArn)],
        handle(input, call) {
          const { arn, certificate, chain, type } = certificateNamed(core, call.region, input.CertificateArn);
          if (certificate === undefined) {
            throw new AwsError('RequestInProgressException', `The certificate ${arn} has not been issued yet.`);
          }
          const CertificateChain = type === 'IMPORTED' ? chain : authorityCertificate(core);
          return { Certificate: certificate, ...(CertificateChain === undefined ? {} : { CertificateChain }) };
        },
      }),

      ListCertificates: strictOperation<ListCertificatesCommandInput, Answer<ListCertificatesCommandOutput>>({
        name: 'ListCertificates',
        members: ['CertificateStatuses', 'Includes', 'NextToken', 'MaxItems', 'SortBy', 'SortOrder'],
        handle(input, call) {
          const {
            CertificateStatuses: statuses = [],
            Includes: { keyTypes = ['RSA_1024', 'RSA_2048'], ...others } = {},
          } = input;
          const unplayed = Object.keys(others).filter((name) => others[name as keyof typeof others] !== undefined);
          if (unplayed.length > 0) {
            throw new AwsError(
              'UnsupportedOperation',
              `The sandbox's ListCertificates doesn't support Includes with ${unplayed.join(', ')}. It supports: keyTypes.`,
            );
          }
          const rows = certificateTable(core, call.region)
            .values()
            .filter((row) => statuses.length === 0 || statuses.includes(row.status))
            .filter((row) => keyTypes.includes(row.keyAlgorithm))
            .sort((one, other) => (one.createdAt - other.createdAt) * (input.SortOrder === 'DESCENDING' ? -1 : 1));
          const { items, next } = page(rows, input.NextToken, input.MaxItems, 1000);
          return {
            CertificateSummaryList: items.map((row) => summary(core, call.region, row)),
            ...(next === undefined ? {} : { NextToken: next }),
          };
        },
      }),

      DeleteCertificate: strictOperation<DeleteCertificateCommandInput, object>({
        name: 'DeleteCertificate',
        members: ['CertificateArn'],
        authorize: (input, call) => [askOn(call, 'DeleteCertificate', input.CertificateArn)],
        handle(input, call) {
          const { arn } = certificateNamed(core, call.region, input.CertificateArn);
          if (usersOf(core, call.region, arn).length > 0) {
            throw new AwsError('ResourceInUseException', `Certificate ${arn} in account ${core.account} is in use.`);
          }
          certificateTable(core, call.region).delete(arn);
          return {};
        },
      }),

      AddTagsToCertificate: strictOperation<AddTagsToCertificateCommandInput, object>({
        name: 'AddTagsToCertificate',
        members: ['CertificateArn', 'Tags'],
        authorize: (input, call) => [
          askOn(call, 'AddTagsToCertificate', input.CertificateArn, tagContext(keyed(input.Tags))),
        ],
        handle(input, call) {
          change(call, input.CertificateArn, (row) => ({ ...row, tags: { ...row.tags, ...recordOf(input.Tags) } }));
          return {};
        },
      }),

      RemoveTagsFromCertificate: strictOperation<RemoveTagsFromCertificateCommandInput, object>({
        name: 'RemoveTagsFromCertificate',
        members: ['CertificateArn', 'Tags'],
        authorize: (input, call) => [
          askOn(call, 'RemoveTagsFromCertificate', input.CertificateArn, tagContext(keyed(input.Tags))),
        ],
        handle(input, call) {
          change(call, input.CertificateArn, (row) => {
            // A value that isn't the tag's keeps the tag.
            const meant = (input.Tags ?? []).filter(
              ({ Key = '', Value }) => Value === undefined || row.tags[Key] === Value,
            );
            return {
              ...row,
              tags: withoutTags(
                row.tags,
                meant.flatMap(({ Key }) => Key ?? []),
              ),
            };
          });
          return {};
        },
      }),

      ListTagsForCertificate: strictOperation<
        ListTagsForCertificateCommandInput,
        Answer<ListTagsForCertificateCommandOutput>
      >({
        name: 'ListTagsForCertificate',
        members: ['CertificateArn'],
        authorize: (input, call) => [askOn(call, 'ListTagsForCertificate', input.CertificateArn)],
        handle: (input, call) => ({ Tags: tagList(certificateNamed(core, call.region, input.CertificateArn).tags) }),
      }),
    },
  };
}

const keyed = (tags: readonly Tag[] | undefined) => tags?.map(({ Key = '', Value = '' }) => ({ Key, Value }));

const recordOf = (tags: readonly Tag[] | undefined): Record<string, string> =>
  Object.fromEntries((tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));
