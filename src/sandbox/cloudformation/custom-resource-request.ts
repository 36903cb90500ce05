/** One request to a custom resource's function, and its answer through the response URL. */

import { sleep } from '../../kernel/clock.ts';
import { AwsError } from '../contract.ts';
import { validationError } from './errors.ts';
import type { Json, JsonObject } from './json.ts';
import { asText, isList, isObject } from './json.ts';
import type { CustomResourceAnswer, CustomResourceRequest, ResourceContext } from './resource-type.ts';
import { objectOf } from './resource-type.ts';
import type { StackRun } from './stack-run.ts';

/**
 * In another life of the sandbox it is still the same request: it has its id, its URL and its time, and the function isn't told of it
 * again once Lambda has accepted it. (As on AWS, Lambda itself may deliver it more than once.)
 */
export async function askCustomResource(
  run: StackRun,
  context: ResourceContext,
  request: CustomResourceRequest,
): Promise<CustomResourceAnswer> {
  if (!request.serviceToken.startsWith('arn:aws:lambda:')) {
    throw validationError(`A custom resource's ServiceToken must be a Lambda function here: ${request.serviceToken}`);
  }
  const { clock } = run.core.region(run.region);
  const asked = context.once((): Asked => ({ requestId: run.core.ids.uuid(), since: clock.now() }));
  const { requestId } = asked;
  const opened = await run.responses.open(run.region, requestId);
  const event = {
    RequestType: request.requestType,
    ServiceToken: request.serviceToken,
    ResponseURL: opened.url,
    StackId: context.stackId,
    RequestId: requestId,
    ResourceType: context.type,
    LogicalResourceId: context.logicalId,
    ...(request.physicalId === undefined ? {} : { PhysicalResourceId: request.physicalId }),
    ResourceProperties: scalarsAsText(request.properties),
    ...(request.previous === undefined ? {} : { OldResourceProperties: scalarsAsText(request.previous) }),
  };
  const late = new AbortController();
  try {
    await context.call('lambda', 'Invoke', {
      FunctionName: request.serviceToken,
      InvocationType: 'Event',
      Payload: Buffer.from(JSON.stringify(event)),
    });
    const answer = await Promise.race([
      opened.answered,
      sleep(clock, asked.since + request.timeoutSeconds * 1000 - clock.now(), late.signal).then(() => undefined),
    ]);
    if (answer === undefined) {
      throw new AwsError(
        'NotStabilized',
        `CloudFormation did not receive a response from your Custom Resource. Please check your logs for requestId [${requestId}].`,
      );
    }
    return checked(answer, event);
  } finally {
    opened.close();
    late.abort(new Error('the custom resource has answered'));
  }
}

interface Asked {
  readonly requestId: string;
  readonly since: number;
}

function checked(answer: JsonObject, event: { RequestId: string; LogicalResourceId: string }): CustomResourceAnswer {
  const { Status: status, PhysicalResourceId: physicalId, Reason: reason, Data: data } = answer;
  if (status !== 'SUCCESS') {
    throw new AwsError(
      'CustomResourceFailed',
      `Received response status [${asText(status)}] from custom resource. Message returned: ${asText(reason ?? '')} (RequestId: ${event.RequestId})`,
    );
  }
  if (typeof physicalId !== 'string' || physicalId === '') {
    throw new AwsError('CustomResourceFailed', 'Invalid PhysicalResourceId');
  }
  return { physicalId, data: objectOf(data ?? undefined) };
}

/** CloudFormation hands numbers and flags to custom resources as text. */
function scalarsAsText(value: Json): Json {
  if (isList(value)) return value.map(scalarsAsText);
  if (isObject(value))
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, scalarsAsText(item)]));
  return value === null ? '' : String(value);
}
