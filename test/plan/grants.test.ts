import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { functionNames, functionSpecs } from '../../src/functions/contract.ts';
import { grantsOf } from '../../src/plan/grants.ts';

/** What AWS asks of a caller beside the operation called. Sources: the Service Authorization Reference's pages of each service. */
const askedBeside: Readonly<Record<string, string>> = {
  'kms:CreateGrant': 'RDS and EC2 make grants of the key in the name of whoever copies or creates under it',
  'kms:Decrypt': 'SSM and S3 read what stands under a key in the name of the caller',
  'kms:DescribeKey': 'RDS and EC2 look the key up in the name of the caller',
  'kms:Encrypt': 'SSM writes SecureStrings in the name of the caller',
  'kms:GenerateDataKey': 'SSM writes advanced SecureStrings in the name of the caller',
  'iam:PassRole': 'a replication configuration names a role',
  'ssm:GetParameters': 'Auto Scaling resolves the image pointer in the name of whoever updates the group',
  's3:ListBucketVersions': 'the action of ListObjectVersions',
  's3:GetObjectVersion': 'the action of HeadObject with a version',
  's3:PutReplicationConfiguration': 'the action of PutBucketReplication',
  'rds:AddTagsToResource': 'tags are given at creation',
  'ec2:CreateTags': 'tags are given at creation',
  'lambda:InvokeFunction': 'the action of Invoke',
  'kms:GenerateDataKeyWithoutPlaintext': "EBS makes a copied image's data key in its caller's name",
  'kms:ReEncryptFrom': "EBS opens a copied image's source in its caller's name",
  'kms:ReEncryptTo': "EBS seals a copied image in its caller's name",
};

test('nothing is granted that no code asks for', () => {
  const code = productSources();
  const asks = (action: string): boolean => {
    const operation = action.split(':')[1] ?? '';
    return new RegExp(`\\b(${operation}Command|paginate${operation}|waitUntil${operation})\\b`).test(code);
  };
  const idle = functionNames.flatMap((name) =>
    functionSpecs[name].sides.flatMap((side) =>
      grantsOf(name, side)
        .filter(({ action }) => !(action in askedBeside) && !asks(action))
        .map(({ action }) => `${name} ${side}: ${action}`),
    ),
  );
  expect(idle).toEqual([]);
});

test('only the gate moves the authority, and no role may both promote and delete a database', () => {
  for (const name of functionNames) {
    for (const side of functionSpecs[name].sides) {
      const granted = grantsOf(name, side);
      const actions = granted.map(({ action }) => action);
      // Leases lie in a partition of their own, and who renews them is held to it.
      const updates = granted.filter(({ action }) => action === 'dynamodb:UpdateItem').map(({ on }) => on);
      expect(
        updates.filter((on) => !on.endsWith('Leases')),
        name,
      ).toEqual(name === 'gate' ? ['table'] : []);
      expect(
        actions.some((action) => action.startsWith('rds:Delete')),
        name,
      ).toBe(false);
      expect(
        actions.filter((action) => action.includes('*')),
        name,
      ).toEqual([]);
    }
  }
});

/** Everything that runs in a control function. */
function productSources(): string {
  const rooms = ['engines', 'functions', 'journal', 'observe', 'state', 'steps', 'upkeep', 'runner'];
  const root = join(import.meta.dirname, '../../src');
  return rooms
    .flatMap((room) =>
      readdirSync(join(root, room), { recursive: true, encoding: 'utf8' }).map((file) => join(root, room, file)),
    )
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
}
