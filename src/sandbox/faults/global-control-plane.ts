/**
 * The control planes that the partition has in one place, us-east-1, when they are down: IAM's changes, Route 53's changes of zones,
 * records and health checks, and creation, deletion and configuration of S3 buckets in any Region. Their data planes go on: IAM judges,
 * names are answered, health is checked, tokens and objects are served. (That they can't be reached in a dark us-east-1 is known to
 * the services themselves.)
 *
 * Source: AWS Fault Isolation Boundaries, "Global services" and "S3"; the refusal is each service's 503 of its "Common errors" page.
 */

import type { InternalRequest, SandboxCore } from '../contract.ts';
import { AwsError } from '../contract.ts';
import type { Handler } from '../handler.ts';

export function globalControlPlane({ faults }: Pick<SandboxCore, 'faults'>): Handler {
  return (request) => {
    if (faults.standing('global-control-plane-down').length === 0 || !needsGlobalControlPlane(request))
      return undefined;
    const message = request.service === 's3' ? 'Service is unable to handle request.' : temporaryFailure;
    throw new AwsError('ServiceUnavailable', message, { status: 503 });
  };
}

/** Also for AWS itself: it isn't the door that is closed, there is nobody behind it. */
export function needsGlobalControlPlane({
  service,
  operation,
}: Pick<InternalRequest, 'service' | 'operation'>): boolean {
  if (service === 'iam') return !/^(Get|List)/.test(operation);
  if (service === 'route53') return !/^(Get|List)/.test(operation);
  return service === 's3' && /^(Create|Put|Delete)(Bucket|PublicAccessBlock)/.test(operation);
}

const temporaryFailure = 'The request has failed due to a temporary failure of the server.';
