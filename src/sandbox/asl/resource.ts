/** What a Task's Resource asks for: a function by its ARN, or an action of an integrated service. */

export type Pattern = 'requestResponse' | 'waitForTaskToken' | 'sync' | 'sync:2';

export type Resource =
  | { readonly kind: 'function'; readonly arn: string }
  | {
      readonly kind: 'service';
      readonly arn: string;
      /** As history names it: `lambda`, `aws-sdk:rds`. */
      readonly type: string;
      /** As history names it: `invoke`, `sendMessage.waitForTaskToken`. */
      readonly name: string;
      /** `lambda`, or for SDK integrations the service after `aws-sdk:`. */
      readonly service: string;
      readonly sdk: boolean;
      readonly action: string;
      readonly pattern: Pattern;
    };

export type ServiceResource = Extract<Resource, { kind: 'service' }>;

/** Undefined for what is neither (activities, other ARNs, other patterns). */
export function resourceOf(arn: string): Resource | undefined {
  if (/^arn:aws:lambda:[\w-]+:\d{12}:function:[\w-]+(:[\w$-]+)?$/.test(arn)) return { kind: 'function', arn };
  const found = /^arn:aws:states:[\w-]*:\d*:(aws-sdk:)?(\w+):(\w+)(?:\.(waitForTaskToken|sync:2|sync))?$/.exec(arn);
  if (found === null) return undefined;
  const [, sdk, service = '', action = '', pattern] = found;
  if (service === 'activity') return undefined;
  return {
    kind: 'service',
    arn,
    type: `${sdk ?? ''}${service}`,
    name: pattern === undefined ? action : `${action}.${pattern}`,
    service,
    sdk: sdk !== undefined,
    action,
    pattern: (pattern as Pattern | undefined) ?? 'requestResponse',
  };
}
