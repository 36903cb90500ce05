/**
 * What a resource policy grants to an AWS service. Internal principals aren't judged by IAM, but on AWS a service that delivers
 * to a function, a queue or a topic needs that resource's own leave: this asks for it.
 */

export interface ServiceRequest {
  /** `events.amazonaws.com` */
  readonly service: string;
  readonly action: string;
  readonly resource: string;
  readonly sourceArn: string;
  readonly sourceAccount: string;
  /** Set by services that act in a topic owner's name. */
  readonly sourceOwner?: string | undefined;
}

interface Statement {
  Effect?: string;
  Principal?: string | Record<string, string | string[]>;
  Action?: string | string[];
  Resource?: string | string[];
  Condition?: Record<string, Record<string, string | string[]>>;
}

/** Whether the policy lets the service in: an Allow that fits and no Deny that does. A condition it can't judge never fits an Allow. */
export function grants(policy: string | undefined, request: ServiceRequest): boolean {
  if (policy === undefined) return false;
  const parsed = JSON.parse(policy) as { Statement?: Statement | Statement[] };
  const fitting = list(parsed.Statement).filter((statement) => fits(statement, request));
  return fitting.some(({ Effect }) => Effect === 'Allow') && !fitting.some(({ Effect }) => Effect === 'Deny');
}

function fits(statement: Statement, request: ServiceRequest): boolean {
  return (
    principals(statement.Principal).some((name) => name === '*' || name === request.service) &&
    list(statement.Action).some((action) => like(action.toLowerCase(), request.action.toLowerCase())) &&
    (statement.Resource === undefined || list(statement.Resource).some((arn) => like(arn, request.resource))) &&
    Object.entries(statement.Condition ?? {}).every(([operator, keys]) =>
      Object.entries(keys).every(([key, values]) => holds(operator, key.toLowerCase(), list(values), request)),
    )
  );
}

function principals(principal: Statement['Principal']): string[] {
  if (principal === undefined) return [];
  return typeof principal === 'string'
    ? [principal]
    : list(principal.Service).concat(list(principal.AWS).filter(isStar));
}

function holds(operator: string, key: string, values: string[], request: ServiceRequest): boolean {
  const actual = contextValue(key, request);
  if (key === 'aws:securetransport') return values.includes('true');
  if (actual === undefined) return operator.endsWith('IfExists');
  const kind = operator.replace(/IfExists$/, '');
  if (kind === 'StringEquals') return values.includes(actual);
  if (kind === 'StringLike' || kind === 'ArnLike' || kind === 'ArnEquals') return values.some((v) => like(v, actual));
  if (kind === 'StringNotEquals') return !values.includes(actual);
  if (kind === 'StringNotLike' || kind === 'ArnNotLike') return !values.some((v) => like(v, actual));
  if (kind === 'Bool') return values.includes(actual);
  return false;
}

function contextValue(key: string, request: ServiceRequest): string | undefined {
  if (key === 'aws:sourcearn') return request.sourceArn;
  if (key === 'aws:sourceaccount') return request.sourceAccount;
  if (key === 'aws:sourceowner') return request.sourceOwner;
  return undefined;
}

const isStar = (value: string): boolean => value === '*';

const list = <T>(value: T | T[] | undefined): T[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];

function like(pattern: string, value: string): boolean {
  if (!/[*?]/.test(pattern)) return pattern === value;
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(value);
}
