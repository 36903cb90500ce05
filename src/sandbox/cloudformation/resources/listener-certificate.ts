/** AWS::ElasticLoadBalancingV2::ListenerCertificate: certificates of a listener beside its default one. */

import { asText, type Json } from '../json.ts';
import { unlessGone } from '../resource-context.ts';
import type { ResourceType } from '../resource-type.ts';
import { listOf, objectOf, textOf } from '../resource-type.ts';
import { difference } from './pick.ts';

const service = 'elasticloadbalancing';

export const listenerCertificate: ResourceType = {
  name: 'AWS::ElasticLoadBalancingV2::ListenerCertificate',
  properties: { Certificates: 'update', ListenerArn: 'replace' },
  required: ['Certificates', 'ListenerArn'],
  attributes: [],
  async create(properties, context) {
    const ListenerArn = textOf(properties.ListenerArn) ?? '';
    const id = context.physicalName(64);
    for (const CertificateArn of arnsIn(properties.Certificates)) {
      await context.call(service, 'AddListenerCertificates', { ListenerArn, Certificates: [{ CertificateArn }] });
    }
    return { id };
  },
  async update({ previous, properties }, context) {
    const { ListenerArn } = properties;
    const { added, removed } = difference(arnsIn(previous.Certificates), arnsIn(properties.Certificates));
    for (const CertificateArn of added) {
      await context.call(service, 'AddListenerCertificates', { ListenerArn, Certificates: [{ CertificateArn }] });
    }
    for (const CertificateArn of removed) {
      await context.call(service, 'RemoveListenerCertificates', { ListenerArn, Certificates: [{ CertificateArn }] });
    }
    return undefined;
  },
  async delete({ properties }, context) {
    const { ListenerArn } = properties;
    for (const CertificateArn of arnsIn(properties.Certificates)) {
      await unlessGone(
        context.call(service, 'RemoveListenerCertificates', { ListenerArn, Certificates: [{ CertificateArn }] }),
      );
    }
  },
};

const arnsIn = (certificates: Json | undefined): string[] =>
  listOf(certificates).map((one) => asText(objectOf(one).CertificateArn));
