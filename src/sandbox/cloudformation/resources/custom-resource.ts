/** AWS::CloudFormation::CustomResource and Custom::*: a function does the work and answers through the response URL. */

import { validationError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { asText } from '../json.ts';
import type { ResourceType } from '../resource-type.ts';
import { numberOf, textOf } from '../resource-type.ts';

/** One hour, unless ServiceTimeout says less (or more, up to one hour). */
const longestWait = 3600;

export function customResource(name: string): ResourceType {
  return {
    name,
    properties: { ServiceToken: 'update', ServiceTimeout: 'update' },
    required: ['ServiceToken'],
    attributes: [],
    open: true,
    async create(properties, context) {
      const { physicalId, data } = await context.askCustomResource({
        requestType: 'Create',
        serviceToken: tokenOf(properties),
        properties,
        timeoutSeconds: timeoutOf(properties),
      });
      return { id: physicalId, attributes: data };
    },
    async update({ id, previous, properties }, context) {
      const { physicalId, data } = await context.askCustomResource({
        requestType: 'Update',
        serviceToken: tokenOf(properties),
        physicalId: id,
        properties,
        previous,
        timeoutSeconds: timeoutOf(properties),
      });
      return { id: physicalId, attributes: data };
    },
    async delete({ id, properties }, context) {
      await context.askCustomResource({
        requestType: 'Delete',
        serviceToken: tokenOf(properties),
        physicalId: id,
        properties,
        timeoutSeconds: timeoutOf(properties),
      });
    },
  };
}

const tokenOf = (properties: JsonObject): string => textOf(properties.ServiceToken) ?? '';

function timeoutOf(properties: JsonObject): number {
  const seconds = numberOf(properties.ServiceTimeout) ?? longestWait;
  if (seconds >= 1 && seconds <= longestWait) return seconds;
  throw validationError(
    `ServiceTimeout must be between 1 and ${longestWait} seconds, not ${asText(properties.ServiceTimeout)}`,
  );
}
