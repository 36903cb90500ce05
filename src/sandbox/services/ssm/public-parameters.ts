/** Parameters that AWS publishes in every Region, under names nobody else can use. */

import { stockImageId } from '../../instances/stock-image.ts';
import type { ParameterRecord } from './records.ts';

/** In the order of their names. */
const published: Readonly<Record<string, string>> = {
  '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-6.1-x86_64': stockImageId,
  '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64': stockImageId,
};

export const publicParameters: readonly ParameterRecord[] = Object.entries(published).map(([name, value]) => ({
  name,
  type: 'String',
  tags: {},
  versions: [
    {
      version: 1,
      value,
      tier: 'Standard',
      dataType: 'aws:ec2:image',
      lastModified: Date.UTC(2026, 10, 17),
      user: 'AWS',
      labels: [],
    },
  ],
}));

export const isPublic = (name: string): boolean => name.startsWith('/aws/service/');

export const publicArn = (region: string, name: string): string => `arn:aws:ssm:${region}::parameter${name}`;
