/** The load balancers' certificates: issued, and for the public name. */

import type { AccountClients } from '../../aws/account-clients.ts';
import type { Workload } from '../../workload/config.ts';
import type { Side } from '../../workload/judged.ts';
import type { Existing } from './existing.ts';
import type { Problem } from './requirements.ts';

export async function certificateProblems(
  workload: Workload,
  side: Side,
  CertificateArn: string,
  clients: AccountClients,
): Promise<Existing> {
  const { region } = workload[side];
  const { name = '' } = workload.traffic;
  const field = `traffic.certificates.${side}`;
  const found = await described(clients, CertificateArn);
  const asked = `aws acm request-certificate --region ${region} --domain-name ${name} --validation-method DNS`;
  if (found === undefined) {
    const next = `Correct ${field}, or ask for one: \`${asked}\`.`;
    return only({ region, what: `The certificate ${CertificateArn} isn't there.`, next });
  }
  const { DomainName = '', Status = '', SubjectAlternativeNames = [] } = found;
  const names = [...new Set([DomainName, ...SubjectAlternativeNames])];
  const waits = Status === 'PENDING_VALIDATION';
  return {
    problems: [
      ...(Status === 'ISSUED'
        ? []
        : [
            {
              region,
              what: `The certificate ${CertificateArn} is ${Status}: a load balancer takes only one that is ISSUED.`,
              next: waits
                ? 'Make the DNS records that `aws acm describe-certificate` lists, and wait until it is issued.'
                : `Name another in ${field}; a new one is asked for by \`${asked}\`.`,
            },
          ]),
      ...(names.some((one) => covers(one, name))
        ? []
        : [
            {
              region,
              what: `The certificate ${CertificateArn} is for ${names.join(', ')}, not for ${name}: browsers would refuse it.`,
              next: `Name one for ${name} in ${field}; a new one is asked for by \`${asked}\`.`,
            },
          ]),
    ],
    notes: [],
  };
}

async function described(clients: AccountClients, CertificateArn: string) {
  const { DescribeCertificateCommand } = await import('@aws-sdk/client-acm');
  try {
    return (await (await clients.acm()).send(new DescribeCertificateCommand({ CertificateArn }))).Certificate;
  } catch (error) {
    if (error instanceof Error && error.name === 'ResourceNotFoundException') return undefined;
    throw error;
  }
}

const only = (problem: Problem): Existing => ({ problems: [problem], notes: [] });

/** A wildcard stands for one label. Source: ACM User Guide, "Certificate characteristics and limitations". */
function covers(pattern: string, name: string): boolean {
  if (!pattern.startsWith('*.')) return pattern.toLowerCase() === name.toLowerCase();
  return name.slice(name.indexOf('.') + 1).toLowerCase() === pattern.slice(2).toLowerCase();
}
