/** The certificates of a listener beside its default one, which clients get by the name they ask for. */

import type {
  AddListenerCertificatesCommandInput,
  AddListenerCertificatesCommandOutput,
  DescribeListenerCertificatesCommandInput,
  DescribeListenerCertificatesCommandOutput,
  RemoveListenerCertificatesCommandInput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { AnyOperation, SandboxCore } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import { page } from '../ec2/pages.ts';
import type { Answer } from '../ec2/supported-members.ts';
import { strictOperation } from '../ec2/supported-members.ts';
import type { Balancing } from './balancing.ts';
import { listenerOf, validationError } from './lookup.ts';
import type { ListenerRow, TlsRow } from './rows.ts';
import { balancingTables } from './rows.ts';
import { askOn } from './tags.ts';
import { servable } from './tls.ts';

/** Of a load balancer, not counting default certificates. Source: Application Load Balancers, "Quotas". */
const mostCertificates = 25;

export function listenerCertificateOperations(core: SandboxCore, balancing: Balancing): Record<string, AnyOperation> {
  const change = (region: string, row: ListenerRow, tls: TlsRow): void => {
    balancingTables(core, region).listeners.put(row.arn, { ...row, tls });
    balancing.changed(region);
  };
  return {
    AddListenerCertificates: strictOperation<
      AddListenerCertificatesCommandInput,
      Answer<AddListenerCertificatesCommandOutput>
    >({
      name: 'AddListenerCertificates',
      members: ['ListenerArn', 'Certificates'],
      authorize: (input, call) => [askOn(core, call, 'AddListenerCertificates', input.ListenerArn)],
      handle(input, call) {
        const row = listenerOf(core, call.region, input.ListenerArn);
        const tls = tlsOf(row);
        const added = (input.Certificates ?? []).map((one) => servable(core, call.region, one));
        const moreArns = [...new Set([...tls.moreArns, ...added])];
        const others = balancingTables(core, call.region)
          .listeners.values()
          .filter((other) => other.balancerArn === row.balancerArn && other.arn !== row.arn)
          .flatMap((other) => other.tls?.moreArns ?? []);
        if (moreArns.length + others.length > mostCertificates) {
          throw new AwsError(
            'TooManyCertificates',
            `A load balancer has at most ${mostCertificates} certificates beside its default ones`,
          );
        }
        change(call.region, row, { ...tls, moreArns });
        return { Certificates: added.map((CertificateArn) => ({ CertificateArn, IsDefault: false })) };
      },
    }),
    RemoveListenerCertificates: strictOperation<RemoveListenerCertificatesCommandInput, object>({
      name: 'RemoveListenerCertificates',
      members: ['ListenerArn', 'Certificates'],
      authorize: (input, call) => [askOn(core, call, 'RemoveListenerCertificates', input.ListenerArn)],
      handle(input, call) {
        const row = listenerOf(core, call.region, input.ListenerArn);
        const tls = tlsOf(row);
        const removed = (input.Certificates ?? []).map(({ CertificateArn = '' }) => CertificateArn);
        if (removed.includes(tls.certificateArn) && !tls.moreArns.includes(tls.certificateArn)) {
          throw new AwsError('OperationNotPermitted', 'The default certificate of a listener cannot be removed');
        }
        change(call.region, row, { ...tls, moreArns: tls.moreArns.filter((arn) => !removed.includes(arn)) });
        return {};
      },
    }),
    DescribeListenerCertificates: strictOperation<
      DescribeListenerCertificatesCommandInput,
      Answer<DescribeListenerCertificatesCommandOutput>
    >({
      name: 'DescribeListenerCertificates',
      members: ['ListenerArn', 'Marker', 'PageSize'],
      handle(input, call) {
        const { tls } = listenerOf(core, call.region, input.ListenerArn);
        const all =
          tls === undefined
            ? []
            : [
                { CertificateArn: tls.certificateArn, IsDefault: true },
                ...tls.moreArns.map((CertificateArn) => ({ CertificateArn, IsDefault: false })),
              ];
        const cut = page(all, input.PageSize, input.Marker, 400);
        return { Certificates: cut.rows, NextMarker: cut.nextToken };
      },
    }),
  };
}

function tlsOf({ arn, tls }: ListenerRow): TlsRow {
  if (tls === undefined) throw validationError(`Listener '${arn}' is not an HTTPS listener: it has no certificates`);
  return tls;
}
