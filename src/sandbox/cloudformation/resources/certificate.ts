/** AWS::CertificateManager::Certificate. It is created once the certificate is issued. */

import type { DescribeCertificateCommandOutput, RequestCertificateCommandOutput } from '@aws-sdk/client-acm';
import { AwsError, codeOf } from '../../contract.ts';
import { validationError } from '../errors.ts';
import { unlessGone } from '../resource-context.ts';
import type { ResourceContext, ResourceType } from '../resource-type.ts';
import { listOf, objectOf, textOf } from '../resource-type.ts';
import { changeRecords } from './route53.ts';
import { syncTags, tagList } from './tags.ts';

const service = 'acm';
/** ACM gives up after three days, and so does a stack. */
const minutes = 72 * 60;

export const certificate: ResourceType = {
  name: 'AWS::CertificateManager::Certificate',
  properties: {
    CertificateTransparencyLoggingPreference: 'replace',
    DomainName: 'replace',
    DomainValidationOptions: 'replace',
    KeyAlgorithm: 'replace',
    SubjectAlternativeNames: 'replace',
    Tags: 'update',
    ValidationMethod: 'replace',
  },
  required: ['DomainName'],
  attributes: ['CertificateArn'],
  tags: 'list',
  async create(properties, context) {
    const { DomainName, KeyAlgorithm, SubjectAlternativeNames, ValidationMethod } = properties;
    const tags = tagList(properties.Tags);
    const preference = properties.CertificateTransparencyLoggingPreference;
    const { CertificateArn: id = '' } = await context.call<RequestCertificateCommandOutput>(
      service,
      'RequestCertificate',
      {
        DomainName,
        KeyAlgorithm,
        SubjectAlternativeNames,
        ValidationMethod,
        Options: preference === undefined ? undefined : { CertificateTransparencyLoggingPreference: preference },
        Tags: tags.length > 0 ? tags : undefined,
      },
    );
    context.created(id, { CertificateArn: id });
    await prove(id, properties.DomainValidationOptions, context);
    await context.until(
      `certificate ${id} to be issued`,
      async () => {
        const status = (await describe(id, context))?.Status;
        if (status !== 'ISSUED' && status !== 'PENDING_VALIDATION') {
          throw new AwsError('NotStabilized', `Certificate ${id} is ${status}`);
        }
        return status === 'ISSUED';
      },
      minutes,
    );
    return { id };
  },
  async update(change, context) {
    const CertificateArn = change.id;
    await syncTags(change, {
      add: (Tags) => context.call(service, 'AddTagsToCertificate', { CertificateArn, Tags }),
      remove: (keys) =>
        context.call(service, 'RemoveTagsFromCertificate', { CertificateArn, Tags: keys.map((Key) => ({ Key })) }),
    });
    return undefined;
  },
  async delete({ id }, context) {
    // A listener that has just gone may still be known as its user.
    await context.until(
      `certificate ${id} to be free`,
      async () => {
        try {
          await unlessGone(context.call(service, 'DeleteCertificate', { CertificateArn: id }));
          return true;
        } catch (error) {
          if (codeOf(error) !== 'ResourceInUseException') throw error;
          return false;
        }
      },
      5,
    );
  },
};

/** Where a name's zone is told, its record is put there; it stays when the certificate goes, for others prove the name by it too. */
async function prove(id: string, options: Parameters<typeof listOf>[0], context: ResourceContext): Promise<void> {
  const wanted = listOf(options).map(objectOf);
  const named = wanted.filter(({ HostedZoneId }) => HostedZoneId !== undefined);
  if (named.length === 0) return;
  const { DomainValidationOptions = [] } = (await describe(id, context)) ?? {};
  for (const { DomainName, HostedZoneId = '' } of named) {
    const found = DomainValidationOptions.find((option) => option.DomainName === textOf(DomainName)?.toLowerCase());
    if (found?.ResourceRecord === undefined) throw validationError(`The certificate is not for ${textOf(DomainName)}`);
    const { Name, Type, Value } = found.ResourceRecord;
    const record = { Name, Type, TTL: 300, ResourceRecords: [{ Value }] };
    await changeRecords([{ Action: 'UPSERT', ResourceRecordSet: record }], { HostedZoneId }, context);
  }
}

const describe = async (CertificateArn: string, { call }: ResourceContext) =>
  (await call<DescribeCertificateCommandOutput>(service, 'DescribeCertificate', { CertificateArn })).Certificate;
