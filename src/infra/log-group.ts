/** A function's log group: made before the function, which may then write to it and make none of its own that is kept for ever. */

import { type aws_lambda as lambda, aws_logs as logs } from 'aws-cdk-lib';
import type { Home } from './part.ts';

export function logGroup(home: Home, id: string, of: lambda.CfnFunction): void {
  const group = new logs.CfnLogGroup(home, `${id}Logs`, {
    logGroupName: `/aws/lambda/${of.functionName}`,
    retentionInDays: home.place.workload.logs.retentionDays,
  });
  of.addResourceDependency(group);
}
