/** ACM on a virtual clock: validation by DNS, certificates that verify, imports, and what load balancers refuse of them. */

import { X509Certificate } from 'node:crypto';
import type { CertificateDetail } from '@aws-sdk/client-acm';
import { beforeEach, describe, expect, test } from 'vitest';
import { authorityCertificate } from '../../../../src/sandbox/certificates/authority.ts';
import { createAcmService } from '../../../../src/sandbox/services/acm/service.ts';
import { createRoute53Service } from '../../../../src/sandbox/services/route53/operations.ts';
import { type TestSandbox, testSandbox } from '../../../support/test-sandbox.ts';

const seeded = 'arn:aws:acm:us-west-2:111122223333:certificate/seeded';
let sandbox: TestSandbox;

beforeEach(() => {
  sandbox = testSandbox([
    (core) => createAcmService(core, { certificates: { [seeded]: { domains: ['example.com', '*.example.com'] } } }),
    (core) =>
      createRoute53Service(core, {
        probe: async () => ({ healthy: true, text: '' }),
        zones: { Z0SEEDED: { name: 'example.com' } },
      }),
  ]);
});

const acm = <Output = Record<string, unknown>>(operation: string, input: object, region?: string) =>
  sandbox.call<Output>('acm', operation, input, region);
const request = async (input: object): Promise<string> =>
  (await acm<{ CertificateArn: string }>('RequestCertificate', { ValidationMethod: 'DNS', ...input })).CertificateArn;
const describeOne = async (CertificateArn: string, region?: string): Promise<CertificateDetail> =>
  (await acm<{ Certificate: CertificateDetail }>('DescribeCertificate', { CertificateArn }, region)).Certificate;

/** Puts the CNAMEs a certificate waits for into the zone. */
async function prove(arn: string): Promise<void> {
  const { DomainValidationOptions = [] } = await describeOne(arn);
  const records = new Map(DomainValidationOptions.map(({ ResourceRecord: record }) => [record?.Name, record]));
  const Changes = [...records.values()].map((record) => ({
    Action: 'UPSERT',
    ResourceRecordSet: {
      Name: record?.Name,
      Type: record?.Type,
      TTL: 300,
      ResourceRecords: [{ Value: record?.Value }],
    },
  }));
  await sandbox.call('route53', 'ChangeResourceRecordSets', { HostedZoneId: 'Z0SEEDED', ChangeBatch: { Changes } });
}

describe('a requested certificate', () => {
  test('is pending until each of its names is proved, and issued a while after', async () => {
    const arn = await request({
      DomainName: 'photos.example.com',
      SubjectAlternativeNames: ['*.photos.example.com', 'api.example.com'],
    });
    await sandbox.clock.advance(3_600_000);
    const pending = await describeOne(arn);
    expect(pending).toMatchObject({
      Status: 'PENDING_VALIDATION',
      Type: 'AMAZON_ISSUED',
      SubjectAlternativeNames: ['photos.example.com', '*.photos.example.com', 'api.example.com'],
    });
    const [first, wildcard, other] = pending.DomainValidationOptions ?? [];
    expect(wildcard?.ResourceRecord).toEqual(first?.ResourceRecord);
    expect(other?.ResourceRecord?.Name).toMatch(/^_[0-9a-f]{32}\.api\.example\.com\.$/);
    expect(other?.ResourceRecord?.Value).toMatch(/^_[0-9a-f]{32}\.[a-z]{10}\.acm-validations\.aws\.$/);
    await expect(acm('GetCertificate', { CertificateArn: arn })).rejects.toMatchObject({
      code: 'RequestInProgressException',
    });

    await prove(arn);
    await sandbox.clock.advance(60_000);
    expect(await describeOne(arn)).toMatchObject({
      Status: 'PENDING_VALIDATION',
      DomainValidationOptions: [{ ValidationStatus: 'SUCCESS' }, {}, {}],
    });
    await sandbox.clock.advance(200_000);
    expect(await describeOne(arn)).toMatchObject({
      Status: 'ISSUED',
      KeyAlgorithm: 'RSA-2048',
      Subject: 'CN=photos.example.com',
      InUseBy: [],
      RenewalEligibility: 'INELIGIBLE',
      KeyUsages: [{ Name: 'DIGITAL_SIGNATURE' }, { Name: 'KEY_ENCIPHERMENT' }],
    });
  });

  test('verifies against the authority, for its names only, from yesterday on for thirteen months', async () => {
    const { Certificate, CertificateChain } = await acm<{ Certificate: string; CertificateChain: string }>(
      'GetCertificate',
      { CertificateArn: seeded },
      'us-west-2',
    );
    const [read, authority] = [new X509Certificate(Certificate), new X509Certificate(CertificateChain)];
    expect(CertificateChain).toBe(authorityCertificate(sandbox.core));
    expect(authority.ca).toBe(true);
    expect(authority.verify(authority.publicKey)).toBe(true);
    expect(read.checkIssued(authority)).toBe(true);
    expect(read.verify(authority.publicKey)).toBe(true);
    expect(read.ca).toBe(false);
    expect([read.checkHost('example.com'), read.checkHost('a.example.com'), read.checkHost('a.b.example.com')]).toEqual(
      ['example.com', '*.example.com', undefined],
    );
    const now = sandbox.clock.now();
    expect(Date.parse(read.validFrom)).toBeLessThanOrEqual(now);
    expect(Date.parse(read.validTo) - now).toBeGreaterThan(390 * 86_400_000);
  });

  test('gives up after three days', async () => {
    const arn = await request({ DomainName: 'never.example.com' });
    await sandbox.clock.advance(71 * 3_600_000);
    expect((await describeOne(arn)).Status).toBe('PENDING_VALIDATION');
    await sandbox.clock.advance(2 * 3_600_000);
    expect((await describeOne(arn)).Status).toBe('VALIDATION_TIMED_OUT');
    await prove(arn);
    await sandbox.clock.advance(3_600_000);
    expect((await describeOne(arn)).Status).toBe('VALIDATION_TIMED_OUT');
  });

  test('is one for a token, within an hour', async () => {
    const input = { DomainName: 'once.example.com', IdempotencyToken: 'once' };
    const arn = await request(input);
    expect(await request(input)).toBe(arn);
    await sandbox.clock.advance(3_600_001);
    expect(await request(input)).not.toBe(arn);
  });

  test('is refused with names it can not have, and by ways that are not played', async () => {
    await expect(request({ DomainName: `${'a'.repeat(60)}.example.com` })).rejects.toMatchObject({
      code: 'InvalidDomainValidationOptionsException',
    });
    await expect(request({ DomainName: 'a.example.com', KeyAlgorithm: 'RSA_4096' })).rejects.toMatchObject({
      code: 'InvalidParameterException',
    });
    await expect(request({ DomainName: 'a.example.com', ValidationMethod: 'EMAIL' })).rejects.toThrow(
      /doesn't validate by EMAIL/,
    );
    const missing = 'arn:aws:acm:us-east-1:111122223333:certificate/none';
    for (const operation of ['DescribeCertificate', 'GetCertificate', 'DeleteCertificate', 'ListTagsForCertificate']) {
      await expect(acm(operation, { CertificateArn: missing })).rejects.toMatchObject({
        code: 'ResourceNotFoundException',
      });
    }
  });
});

test('certificates belong to a Region, are listed by status and kind of key, tagged and deleted', async () => {
  await expect(describeOne(seeded, 'us-east-1')).rejects.toMatchObject({ code: 'ResourceNotFoundException' });
  const curved = await request({
    DomainName: 'curve.example.com',
    KeyAlgorithm: 'EC_prime256v1',
    Tags: [{ Key: 'team', Value: 'photos' }],
  });
  const list = async (input: object, region = 'us-east-1'): Promise<(string | undefined)[]> => {
    const answer = await acm<{ CertificateSummaryList: { CertificateArn?: string }[] }>(
      'ListCertificates',
      input,
      region,
    );
    return answer.CertificateSummaryList.map(({ CertificateArn }) => CertificateArn);
  };
  expect(await list({})).toEqual([]);
  expect(await list({ Includes: { keyTypes: ['EC_prime256v1'] } })).toEqual([curved]);
  expect(await list({ Includes: { keyTypes: ['EC_prime256v1'] }, CertificateStatuses: ['ISSUED'] })).toEqual([]);
  expect(await list({ CertificateStatuses: ['ISSUED'] }, 'us-west-2')).toEqual([seeded]);
  await acm('AddTagsToCertificate', { CertificateArn: curved, Tags: [{ Key: 'tier', Value: 'web' }] });
  await acm('RemoveTagsFromCertificate', { CertificateArn: curved, Tags: [{ Key: 'team' }] });
  expect(await acm('ListTagsForCertificate', { CertificateArn: curved })).toEqual({
    Tags: [{ Key: 'tier', Value: 'web' }],
  });
  await acm('DeleteCertificate', { CertificateArn: curved });
  expect(await list({ Includes: { keyTypes: ['EC_prime256v1'] } })).toEqual([]);
});

test('a certificate is imported with its key and its chain, imported anew under its ARN, and refused when they do not belong together', async () => {
  const issued = await acm<{ Certificate: string; CertificateChain: string }>(
    'GetCertificate',
    { CertificateArn: seeded },
    'us-west-2',
  );
  const row = sandbox.core.table<{ privateKey: string }>('acm', 'us-west-2', 'certificates').get(seeded);
  const bytes = (text = ''): Uint8Array => Buffer.from(text);
  const whole = {
    Certificate: bytes(issued.Certificate),
    PrivateKey: bytes(row?.privateKey),
    CertificateChain: bytes(issued.CertificateChain),
  };
  const { CertificateArn } = await acm<{ CertificateArn: string }>('ImportCertificate', whole);
  expect(await describeOne(CertificateArn)).toMatchObject({
    Type: 'IMPORTED',
    Status: 'ISSUED',
    DomainName: 'example.com',
    SubjectAlternativeNames: ['example.com', '*.example.com'],
    KeyAlgorithm: 'RSA-2048',
  });
  expect(await acm('ImportCertificate', { ...whole, CertificateArn })).toEqual({ CertificateArn });
  const refused = { code: 'ValidationException' };
  await expect(acm('ImportCertificate', { ...whole, CertificateArn: seeded }, 'us-west-2')).rejects.toMatchObject(
    refused,
  );
  await expect(
    acm('ImportCertificate', { ...whole, Certificate: bytes(issued.CertificateChain) }),
  ).rejects.toMatchObject(refused);
  await expect(
    acm('ImportCertificate', { ...whole, CertificateChain: bytes(issued.Certificate) }),
  ).rejects.toMatchObject(refused);
  await expect(acm('ImportCertificate', { ...whole, PrivateKey: bytes('none') })).rejects.toMatchObject(refused);
});

test.each([
  ['arn:aws:acm:eu-west-1:111122223333:certificate/x', ['a.example.com']],
  ['certificate/x', ['a.example.com']],
  ['arn:aws:acm:us-east-1:111122223333:certificate/x', []],
])('a sandbox does not begin with %s for %j', (arn, domains) => {
  expect(() => testSandbox([(core) => createAcmService(core, { certificates: { [arn]: { domains } } })])).toThrow(
    /certificate/i,
  );
});
