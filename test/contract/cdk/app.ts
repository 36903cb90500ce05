/** A small CDK app for two Regions: what a recovery is made of, without the machines. `CDK_APP_VALUE` is what a change changes. */

import { fileURLToPath } from 'node:url';
import { App, CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';

const app = new App();
for (const region of ['us-east-1', 'us-west-2']) {
  const stack = new Stack(app, `Small-${region}`, { env: { account: '111122223333', region } });
  const bucket = new Bucket(stack, 'Bucket', { versioned: true, removalPolicy: RemovalPolicy.DESTROY });
  const queue = new Queue(stack, 'Queue');
  new Table(stack, 'Table', {
    partitionKey: { name: 'pk', type: AttributeType.STRING },
    billingMode: BillingMode.PAY_PER_REQUEST,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const worker = new LambdaFunction(stack, 'Worker', {
    runtime: Runtime.NODEJS_20_X,
    handler: 'index.handler',
    code: Code.fromAsset(fileURLToPath(new URL('./worker', import.meta.url))),
    environment: { BUCKET: bucket.bucketName },
  });
  queue.grantConsumeMessages(worker);
  new StringParameter(stack, 'Parameter', {
    parameterName: '/small/value',
    stringValue: process.env.CDK_APP_VALUE ?? 'one',
  });
  new CfnOutput(stack, 'QueueUrl', { value: queue.queueUrl });
}
