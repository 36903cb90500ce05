/** GetTemplate, GetTemplateSummary, ValidateTemplate, and stack policies. */

import type {
  GetStackPolicyCommandInput,
  GetStackPolicyCommandOutput,
  GetTemplateCommandInput,
  GetTemplateCommandOutput,
  GetTemplateSummaryCommandInput,
  GetTemplateSummaryCommandOutput,
  SetStackPolicyCommandInput,
  ValidateTemplateCommandInput,
  ValidateTemplateCommandOutput,
} from '@aws-sdk/client-cloudformation';
import { validationError } from '../../cloudformation/errors.ts';
import type { JsonObject } from '../../cloudformation/json.ts';
import { asText, isList } from '../../cloudformation/json.ts';
import { textOf } from '../../cloudformation/resource-type.ts';
import { stackTables } from '../../cloudformation/stack.ts';
import { checkStackPolicy } from '../../cloudformation/stack-policy.ts';
import type { Template } from '../../cloudformation/template.ts';
import { parseTemplate } from '../../cloudformation/template.ts';
import { checkTemplate } from '../../cloudformation/validate.ts';
import type { AnyOperation, SandboxCore } from '../../contract.ts';
import { operation } from '../../contract.ts';
import { askOnStack, templateText } from './requests.ts';
import { existing } from './stacks.ts';

type Answer<Output> = Omit<Output, '$metadata'>;

export function templateOperations(core: SandboxCore): Record<string, AnyOperation> {
  return {
    GetTemplate: operation<GetTemplateCommandInput, Answer<GetTemplateCommandOutput>>(
      (input, call) => {
        if (input.ChangeSetName !== undefined) {
          throw validationError("The sandbox's CloudFormation doesn't support ChangeSetName in GetTemplate");
        }
        const { content } = existing(core, call, input.StackName);
        return { TemplateBody: content.template, StagesAvailable: ['Original', 'Processed'] };
      },
      askOnStack(core, 'GetTemplate'),
    ),

    GetTemplateSummary: operation<GetTemplateSummaryCommandInput, Answer<GetTemplateSummaryCommandOutput>>(
      async (input, call) => {
        const text =
          input.StackName === undefined
            ? await templateText(core, call, input, undefined)
            : existing(core, call, input.StackName).content.template;
        const template = parseTemplate(text);
        return {
          ...summaryOf(template),
          Parameters: Object.entries(template.parameters).map(([key, declared]) => ({
            ...parameter(key, declared),
            ParameterType: textOf(declared.Type),
            ParameterConstraints: isList(declared.AllowedValues)
              ? { AllowedValues: declared.AllowedValues.map(asText) }
              : {},
          })),
          ResourceTypes: [...new Set(Object.values(template.resources).map(({ type }) => type))],
          Metadata: JSON.stringify(template.metadata),
          Version: '2010-09-09',
          ResourceIdentifierSummaries: [],
        };
      },
      askOnStack(core, 'GetTemplateSummary'),
    ),

    ValidateTemplate: operation<ValidateTemplateCommandInput, Answer<ValidateTemplateCommandOutput>>(
      async (input, call) => {
        const template = parseTemplate(await templateText(core, call, input, undefined));
        checkTemplate(template);
        return {
          ...summaryOf(template),
          Parameters: Object.entries(template.parameters).map(([key, declared]) => parameter(key, declared)),
        };
      },
    ),

    SetStackPolicy: operation<SetStackPolicyCommandInput, object>(
      (input, call) => {
        const { StackPolicyBody: policy, StackPolicyURL: url } = input;
        if (url !== undefined) throw validationError("The sandbox's CloudFormation doesn't support StackPolicyURL");
        if (policy === undefined) throw validationError('StackPolicyBody must be specified');
        checkStackPolicy(policy);
        const stack = existing(core, call, input.StackName);
        stackTables(core, call.region).stacks.put(stack.id, { ...stack, policy });
        return {};
      },
      askOnStack(core, 'SetStackPolicy'),
    ),

    GetStackPolicy: operation<GetStackPolicyCommandInput, Answer<GetStackPolicyCommandOutput>>(
      (input, call) => {
        const { policy } = existing(core, call, input.StackName);
        return policy === undefined ? {} : { StackPolicyBody: policy };
      },
      askOnStack(core, 'GetStackPolicy'),
    ),
  };
}

function summaryOf(template: Template) {
  const iam = Object.values(template.resources).some(({ type }) => type.startsWith('AWS::IAM::'));
  const description = template.description === undefined ? {} : { Description: template.description };
  if (!iam) return { ...description, Capabilities: [] };
  return {
    ...description,
    Capabilities: ['CAPABILITY_NAMED_IAM' as const],
    CapabilitiesReason: 'The following resource(s) require capabilities: IAM resources',
  };
}

function parameter(key: string, declared: JsonObject) {
  const fallback = textOf(declared.Default);
  const description = textOf(declared.Description);
  return {
    ParameterKey: key,
    ...(fallback === undefined ? {} : { DefaultValue: fallback }),
    NoEcho: asText(declared.NoEcho) === 'true',
    ...(description === undefined ? {} : { Description: description }),
  };
}
