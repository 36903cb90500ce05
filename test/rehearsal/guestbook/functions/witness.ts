/** Leaves a note in the bucket of who ran, where, when and why: each of the workload's functions is this. */

import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';

const { AWS_REGION: region, AWS_LAMBDA_FUNCTION_NAME: name, PARAMETER_PATH: path } = process.env;
const s3 = new S3Client({ forcePathStyle: true });

export async function handler(event: { readonly detail?: unknown }): Promise<void> {
  const at = new Date().toISOString();
  const { Parameter } = await new SSMClient({}).send(new GetParameterCommand({ Name: `${path}region/bucket-letters` }));
  const Body = JSON.stringify(event.detail ?? {});
  await s3.send(new PutObjectCommand({ Bucket: Parameter?.Value, Key: `notes/${name}/${region}/${at}`, Body }));
}
