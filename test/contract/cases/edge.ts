/** ACM and Global Accelerator: certificates requested and imported, accelerators with listeners and endpoint groups. */

import { generateKeyPairSync } from 'node:crypto';
import {
  ACMClient,
  AddTagsToCertificateCommand,
  DeleteCertificateCommand,
  DescribeCertificateCommand,
  GetCertificateCommand,
  ImportCertificateCommand,
  ListTagsForCertificateCommand,
  paginateListCertificates,
  RemoveTagsFromCertificateCommand,
  RequestCertificateCommand,
  RequestInProgressException,
  ResourceInUseException,
  ResourceNotFoundException,
} from '@aws-sdk/client-acm';
import * as elb from '@aws-sdk/client-elastic-load-balancing-v2';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  AcceleratorNotDisabledException,
  AcceleratorNotFoundException,
  AssociatedEndpointGroupFoundException,
  AssociatedListenerFoundException,
  CreateAcceleratorCommand,
  CreateEndpointGroupCommand,
  CreateListenerCommand,
  DeleteAcceleratorCommand,
  DeleteEndpointGroupCommand,
  DeleteListenerCommand,
  DescribeAcceleratorAttributesCommand,
  DescribeAcceleratorCommand,
  DescribeEndpointGroupCommand,
  DescribeListenerCommand,
  EndpointGroupAlreadyExistsException,
  EndpointGroupNotFoundException,
  GlobalAcceleratorClient,
  InvalidArgumentException,
  InvalidPortRangeException,
  ListenerNotFoundException,
  ListTagsForResourceCommand,
  paginateListAccelerators,
  paginateListEndpointGroups,
  paginateListListeners,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateAcceleratorCommand,
  UpdateEndpointGroupCommand,
  UpdateListenerCommand,
} from '@aws-sdk/client-global-accelerator';
import { expect } from 'vitest';
import { certificate } from '../../../src/sandbox/certificates/x509.ts';
import { type ContractTarget, contractCase, pagesOf, refused } from '../contract.ts';

const day = 86_400_000;

/** A certificate that nobody but its own key has signed, for importing. */
export function selfSigned(...domains: string[]): { Certificate: Uint8Array; PrivateKey: Uint8Array } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = domains[0] ?? '';
  const [notBefore, notAfter] = [Date.now() - day, Date.now() + 90 * day];
  const keys = { publicKey, issuerKey: privateKey, issuerPublicKey: publicKey };
  const serial = Buffer.from([1, notBefore % 251, 3, 4]);
  const pem = certificate({ serial, subject: name, issuer: name, notBefore, notAfter, ...keys, domains });
  return {
    Certificate: Buffer.from(pem),
    PrivateKey: Buffer.from(privateKey.export({ type: 'pkcs8', format: 'pem' })),
  };
}

/** Imports one into the target's Region, or another. */
export async function importedCertificate(
  target: ContractTarget,
  name: string,
  region = target.region,
): Promise<string> {
  const client = target.client(ACMClient, { region });
  const { CertificateArn = '' } = await client.send(new ImportCertificateCommand(selfSigned(name)));
  target.after(() => target.eventually(() => client.send(new DeleteCertificateCommand({ CertificateArn }))));
  return CertificateArn;
}

/** What HTTPS listeners of a load balancer take and refuse. */
export async function tryHttps(target: ContractTarget, LoadBalancerArn: string): Promise<void> {
  const client = target.client(ElasticLoadBalancingV2Client);
  const name = `${target.name()}.example.com`;
  const CertificateArn = await importedCertificate(target, name);
  const elsewhere = await importedCertificate(target, name, target.otherRegion);
  const create = (more: object) =>
    client.send(
      new elb.CreateListenerCommand({
        LoadBalancerArn,
        Protocol: 'HTTPS',
        Port: 443,
        Certificates: [{ CertificateArn }],
        DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '200' } }],
        ...more,
      }),
    );
  await refused(create({ Certificates: undefined }), 'ValidationError', 400);
  await refused(create({ Certificates: [{ CertificateArn: elsewhere }] }), elb.CertificateNotFoundException, 400);
  await refused(create({ SslPolicy: 'ELBSecurityPolicy-None' }), elb.SSLPolicyNotFoundException, 400);
  const loop = [{ Type: 'redirect', RedirectConfig: { StatusCode: 'HTTP_301' } }];
  await refused(create({ DefaultActions: loop }), elb.InvalidLoadBalancerActionException, 400);
  const { Listeners: [listener] = [] } = await create({});
  expect(listener).toMatchObject({
    Protocol: 'HTTPS',
    SslPolicy: 'ELBSecurityPolicy-2016-08',
    Certificates: [{ CertificateArn }],
  });
  const ListenerArn = listener?.ListenerArn;
  const more = await importedCertificate(target, `more.${name}`);
  const Certificates = [{ CertificateArn: more }];
  await client.send(new elb.AddListenerCertificatesCommand({ ListenerArn, Certificates }));
  const { Certificates: all = [] } = await client.send(new elb.DescribeListenerCertificatesCommand({ ListenerArn }));
  expect(all.find((one) => one.IsDefault)?.CertificateArn).toBe(CertificateArn);
  expect(all.find((one) => one.CertificateArn === more)).toMatchObject({ IsDefault: false });
  const acmClient = target.client(ACMClient);
  await target.eventually(() =>
    refused(acmClient.send(new DeleteCertificateCommand({ CertificateArn: more })), ResourceInUseException, 400),
  );
  await client.send(new elb.RemoveListenerCertificatesCommand({ ListenerArn, Certificates }));
  await client.send(new elb.DeleteListenerCommand({ ListenerArn }));
}

export const acm = [
  contractCase('a requested certificate waits for its CNAMEs, and is one for its token', async (target) => {
    const client = target.client(ACMClient);
    const DomainName = `${target.name()}.example.com`;
    const given = {
      DomainName,
      SubjectAlternativeNames: [`*.${DomainName}`],
      ValidationMethod: 'DNS' as const,
      KeyAlgorithm: 'EC_prime256v1' as const,
      IdempotencyToken: 'once',
    };
    const { CertificateArn } = await client.send(new RequestCertificateCommand(given));
    target.after(() => client.send(new DeleteCertificateCommand({ CertificateArn })));
    expect((await client.send(new RequestCertificateCommand(given))).CertificateArn).toBe(CertificateArn);
    await target.eventually(async () => {
      const { Certificate } = await client.send(new DescribeCertificateCommand({ CertificateArn }));
      expect(Certificate).toMatchObject({
        DomainName,
        SubjectAlternativeNames: [DomainName, `*.${DomainName}`],
        Status: 'PENDING_VALIDATION',
        Type: 'AMAZON_ISSUED',
        KeyAlgorithm: 'EC-prime256v1',
        InUseBy: [],
      });
      const records = (Certificate?.DomainValidationOptions ?? []).map(({ ResourceRecord: record }) => record);
      expect(records).toHaveLength(2);
      expect(records[0]).toMatchObject({ Type: 'CNAME', Value: expect.stringMatching(/\.acm-validations\.aws\.$/) });
      expect(records[0]?.Name?.endsWith(`.${DomainName}.`)).toBe(true);
      expect(records[1]).toEqual(records[0]);
    });
    await refused(client.send(new GetCertificateCommand({ CertificateArn })), RequestInProgressException, 400);
  }),

  contractCase(
    'an imported certificate is read back, tagged, listed by its kind of key, and imported anew',
    async (target) => {
      const client = target.client(ACMClient);
      const name = `${target.name()}.example.com`;
      const CertificateArn = await importedCertificate(target, name);
      const { Certificate } = await client.send(new DescribeCertificateCommand({ CertificateArn }));
      expect(Certificate).toMatchObject({
        DomainName: name,
        Status: 'ISSUED',
        Type: 'IMPORTED',
        KeyAlgorithm: 'EC-prime256v1',
        RenewalEligibility: 'INELIGIBLE',
      });
      const { Certificate: text } = await client.send(new GetCertificateCommand({ CertificateArn }));
      expect(text).toMatch(/^-----BEGIN CERTIFICATE-----/);
      await client.send(new ImportCertificateCommand({ ...selfSigned(name), CertificateArn }));
      const { Certificate: renewed } = await client.send(new GetCertificateCommand({ CertificateArn }));
      expect(renewed).not.toBe(text);
      await client.send(
        new AddTagsToCertificateCommand({ CertificateArn, Tags: [{ Key: 'team', Value: 'photos' }, { Key: 'tier' }] }),
      );
      await client.send(new RemoveTagsFromCertificateCommand({ CertificateArn, Tags: [{ Key: 'tier' }] }));
      const { Tags } = await client.send(new ListTagsForCertificateCommand({ CertificateArn }));
      expect(Tags).toEqual([{ Key: 'team', Value: 'photos' }]);
      const listed = async (input: object) =>
        (await pagesOf(paginateListCertificates({ client, pageSize: 100 }, input)))
          .flatMap(({ CertificateSummaryList = [] }) => CertificateSummaryList)
          .map((one) => one.CertificateArn);
      expect(await listed({ Includes: { keyTypes: ['EC_prime256v1'] } })).toContain(CertificateArn);
      expect(await listed({})).not.toContain(CertificateArn);
    },
  ),

  contractCase('bad input: certificates that are nowhere, and keys of other certificates', async (target) => {
    const client = target.client(ACMClient);
    const CertificateArn = `arn:aws:acm:${target.region}:${target.account}:certificate/11111111-1111-4111-8111-111111111111`;
    await refused(client.send(new DescribeCertificateCommand({ CertificateArn })), ResourceNotFoundException, 400);
    await refused(client.send(new DeleteCertificateCommand({ CertificateArn })), ResourceNotFoundException, 400);
    const { Certificate } = selfSigned('one.example.com');
    const { PrivateKey } = selfSigned('two.example.com');
    const call = new ImportCertificateCommand({ Certificate, PrivateKey });
    await refused(client.send(call), 'ValidationException', 400);
  }),
];

export const globalaccelerator = [
  contractCase(
    'an accelerator has two addresses and a name, and goes once it is empty and disabled',
    async (target) => {
      const { client, AcceleratorArn, deployed } = await acceleratorOf(target);
      const { Accelerator } = await client.send(new DescribeAcceleratorCommand({ AcceleratorArn }));
      expect(Accelerator?.IpSets?.[0]?.IpAddresses).toHaveLength(2);
      expect(Accelerator).toMatchObject({
        DnsName: expect.stringMatching(/^a[0-9a-f]+\.awsglobalaccelerator\.com$/),
        Enabled: true,
        IpAddressType: 'IPV4',
        Status: 'IN_PROGRESS',
      });
      const { AcceleratorAttributes } = await client.send(new DescribeAcceleratorAttributesCommand({ AcceleratorArn }));
      expect(AcceleratorAttributes?.FlowLogsEnabled).toBe(false);
      await deployed();
      const ResourceArn = AcceleratorArn;
      await client.send(new TagResourceCommand({ ResourceArn, Tags: [{ Key: 'team', Value: 'photos' }] }));
      expect((await client.send(new ListTagsForResourceCommand({ ResourceArn }))).Tags).toEqual([
        { Key: 'team', Value: 'photos' },
      ]);
      await client.send(new UntagResourceCommand({ ResourceArn, TagKeys: ['team'] }));
      expect((await client.send(new ListTagsForResourceCommand({ ResourceArn }))).Tags).toEqual([]);
      await refused(
        client.send(new DeleteAcceleratorCommand({ AcceleratorArn })),
        AcceleratorNotDisabledException,
        400,
      );
      const all = await pagesOf(paginateListAccelerators({ client, pageSize: 1 }, {}));
      expect(all.flatMap(({ Accelerators = [] }) => Accelerators.map((one) => one.AcceleratorArn))).toContain(
        AcceleratorArn,
      );
    },
    { cost: 'cents', minutes: 5 },
  ),

  contractCase(
    'listeners and endpoint groups stand once each, and go from the inside out',
    async (target) => {
      const { client, AcceleratorArn } = await acceleratorOf(target);
      const make = (FromPort: number) =>
        client.send(
          new CreateListenerCommand({
            AcceleratorArn,
            Protocol: 'TCP',
            PortRanges: [{ FromPort, ToPort: 443 }],
            IdempotencyToken: target.name(),
          }),
        );
      const { Listener } = await make(443);
      const ListenerArn = Listener?.ListenerArn;
      expect(Listener).toMatchObject({ ClientAffinity: 'NONE', PortRanges: [{ FromPort: 443, ToPort: 443 }] });
      await refused(make(443), InvalidPortRangeException, 400);
      await client.send(new UpdateListenerCommand({ ListenerArn, ClientAffinity: 'SOURCE_IP' }));
      expect((await client.send(new DescribeListenerCommand({ ListenerArn }))).Listener?.ClientAffinity).toBe(
        'SOURCE_IP',
      );
      const group = () =>
        client.send(
          new CreateEndpointGroupCommand({
            ListenerArn,
            EndpointGroupRegion: target.region,
            TrafficDialPercentage: 50,
            IdempotencyToken: target.name(),
          }),
        );
      const { EndpointGroup } = await group();
      const EndpointGroupArn = EndpointGroup?.EndpointGroupArn;
      expect(EndpointGroup).toMatchObject({
        EndpointGroupRegion: target.region,
        TrafficDialPercentage: 50,
        HealthCheckPort: 443,
        HealthCheckProtocol: 'TCP',
        HealthCheckIntervalSeconds: 30,
        ThresholdCount: 3,
      });
      await refused(group(), EndpointGroupAlreadyExistsException, 400);
      await client.send(new UpdateEndpointGroupCommand({ EndpointGroupArn, TrafficDialPercentage: 0 }));
      const { EndpointGroup: turned } = await client.send(new DescribeEndpointGroupCommand({ EndpointGroupArn }));
      expect(turned).toMatchObject({ TrafficDialPercentage: 0, HealthCheckIntervalSeconds: 30 });
      const dial = new UpdateEndpointGroupCommand({ EndpointGroupArn, TrafficDialPercentage: 101 });
      await refused(client.send(dial), InvalidArgumentException, 400);
      const groups = await pagesOf(paginateListEndpointGroups({ client }, { ListenerArn }));
      expect(groups.flatMap(({ EndpointGroups = [] }) => EndpointGroups)).toHaveLength(1);
      const listeners = await pagesOf(paginateListListeners({ client }, { AcceleratorArn }));
      expect(listeners.flatMap(({ Listeners = [] }) => Listeners)).toHaveLength(1);
      await refused(
        client.send(new DeleteListenerCommand({ ListenerArn })),
        AssociatedEndpointGroupFoundException,
        400,
      );
      await client.send(new DeleteEndpointGroupCommand({ EndpointGroupArn }));
      await client.send(new UpdateAcceleratorCommand({ AcceleratorArn, Enabled: false }));
      await refused(
        client.send(new DeleteAcceleratorCommand({ AcceleratorArn })),
        AssociatedListenerFoundException,
        400,
      );
      await client.send(new DeleteListenerCommand({ ListenerArn }));
    },
    { cost: 'cents', minutes: 10 },
  ),

  contractCase('bad input: what is nowhere', async (target) => {
    const client = target.client(GlobalAcceleratorClient, { region: 'us-west-2' });
    const AcceleratorArn = `arn:aws:globalaccelerator::${target.account}:accelerator/11111111-1111-4111-8111-111111111111`;
    const ListenerArn = `${AcceleratorArn}/listener/0123abcd`;
    const EndpointGroupArn = `${ListenerArn}/endpoint-group/0123abcd4567`;
    await refused(client.send(new DescribeAcceleratorCommand({ AcceleratorArn })), AcceleratorNotFoundException, 404);
    await refused(client.send(new DescribeListenerCommand({ ListenerArn })), ListenerNotFoundException, 404);
    await refused(
      client.send(new DescribeEndpointGroupCommand({ EndpointGroupArn })),
      EndpointGroupNotFoundException,
      404,
    );
  }),
];

async function acceleratorOf(target: ContractTarget) {
  const client = target.client(GlobalAcceleratorClient, { region: 'us-west-2' });
  const Name = target.name();
  const { Accelerator } = await client.send(new CreateAcceleratorCommand({ Name, IdempotencyToken: Name }));
  const AcceleratorArn = Accelerator?.AcceleratorArn ?? '';
  const deployed = () =>
    target.eventually(async () => {
      const answer = await client.send(new DescribeAcceleratorCommand({ AcceleratorArn }));
      expect(answer.Accelerator?.Status).toBe('DEPLOYED');
    });
  target.after(async () => {
    await client.send(new UpdateAcceleratorCommand({ AcceleratorArn, Enabled: false }));
    await deployed();
    await client.send(new DeleteAcceleratorCommand({ AcceleratorArn }));
  });
  return { client, AcceleratorArn, deployed };
}
