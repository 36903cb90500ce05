/** A sandbox in process with what a deployment asks of it, and what else a test's stacks hold. */

import type { CloudFormationService } from '../../../src/sandbox/services/cloudformation/operations.ts';
import { createCloudFormationService } from '../../../src/sandbox/services/cloudformation/operations.ts';
import { createEventsService } from '../../../src/sandbox/services/events/operations.ts';
import { createIamService } from '../../../src/sandbox/services/iam/service.ts';
import { createKmsService } from '../../../src/sandbox/services/kms/service.ts';
import { createS3Service } from '../../../src/sandbox/services/s3/service.ts';
import { createSqsService } from '../../../src/sandbox/services/sqs/service.ts';
import { createSsmService } from '../../../src/sandbox/services/ssm/service.ts';
import { createStsService } from '../../../src/sandbox/services/sts/service.ts';
import type { TestSandbox } from '../../support/test-sandbox.ts';
import { testSandbox } from '../../support/test-sandbox.ts';

export function deployingSandbox(more: Parameters<typeof testSandbox>[0]): {
  readonly sandbox: TestSandbox;
  readonly cloudformation: CloudFormationService;
} {
  const sandbox = testSandbox([
    createIamService,
    createStsService,
    createEventsService,
    createKmsService,
    createSqsService,
    createSsmService,
    createS3Service,
    ...more,
  ]);
  const cloudformation = createCloudFormationService(sandbox.core);
  sandbox.dispatcher.register(cloudformation);
  return { sandbox, cloudformation };
}
