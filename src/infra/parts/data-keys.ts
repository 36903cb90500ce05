/** A key per Region for the workload's data, reached by the same alias on both sides: a key's id is AWS's to choose. */

import { aws_kms as kms } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Side } from '../../workload/judged.ts';
import { tellersMayUseKey } from '../notices.ts';
import type { Home, PartProps } from '../part.ts';
import { Part } from '../part.ts';
import type { Place } from '../place.ts';
import { bothSides } from '../place.ts';

export class DataKeys extends Part {
  /** ARNs of the keys. */
  readonly keyArns: Readonly<Record<Side, string>>;

  constructor(scope: Construct, id: string, props: PartProps) {
    super(scope, id, props);
    this.keyArns = bothSides((side) => keyIn(this.homeOn(side)).attrArn);
  }
}

/** The other side's key, by its alias: its stack can't be asked. */
export const keyAliasArn = ({ names, workload }: Place, side: Side): string =>
  `arn:aws:kms:${workload[side].region}:${workload.account}:${names.keyAlias}`;

function keyIn(home: Home): kms.CfnKey {
  const { names, workload } = home.place;
  const key = new kms.CfnKey(home, 'Resource', {
    description: `Pilot Light: data of ${names.prefix} in this Region`,
    enableKeyRotation: true,
    keyPolicy: {
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'AccountDecidesByIam',
          Effect: 'Allow',
          Principal: { AWS: `arn:aws:iam::${workload.account}:root` },
          Action: 'kms:*',
          Resource: '*',
        },
        tellersMayUseKey(workload.account),
        // Auto Scaling's service-linked role can be given no policy: without these two, instances of a copied image are terminated at launch.
        autoScalingMay('AutoScalingUsesDisks', workload.account, diskUses),
        autoScalingMay('AutoScalingGrantsDisks', workload.account, ['kms:CreateGrant'], {
          Bool: { 'kms:GrantIsForAWSResource': 'true' },
        }),
      ],
    },
  });
  new kms.CfnAlias(home, 'Alias', { aliasName: names.keyAlias, targetKeyId: key.ref });
  return key;
}

/** Source: Auto Scaling User Guide, "Required AWS KMS key policy for use with encrypted volumes". */
const diskUses = ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'];

/** By condition: KMS refuses a policy whose principal isn't there yet, and the first group of an account makes this role. */
const autoScalingMay = (sid: string, account: string, actions: readonly string[], condition: object = {}) => ({
  Sid: sid,
  Effect: 'Allow',
  Principal: { AWS: '*' },
  Action: actions,
  Resource: '*',
  Condition: {
    StringEquals: { 'kms:CallerAccount': account },
    ArnLike: {
      'aws:PrincipalArn': `arn:aws:iam::${account}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling*`,
    },
    ...condition,
  },
});
