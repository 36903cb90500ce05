/** Every key a price may have: a key nobody looks for would be a price that silently counts for nothing. */

/** What may follow a key's first part: names, or what the rest of the key looks like. */
const families: Readonly<Record<string, readonly string[] | RegExp>> = {
  ec2: /^[a-z0-9-]+\.[a-z0-9-]+$/,
  rds: /^[a-z0-9-]+\.[a-z0-9]+\.[a-z0-9-]+$/,
  'rds-multi': /^[a-z0-9-]+\.[a-z0-9]+\.[a-z0-9-]+$/,
  'rds-storage': /^(backup|(standard|gp2|gp3|io1|io2)(-iops)?(-multi)?)$/,
  ebs: ['gp2', 'gp3', 'io1', 'io2', 'st1', 'sc1', 'standard', 'snapshot'],
  alb: ['hour', 'lcu-hour'],
  nlb: ['hour', 'lcu-hour'],
  gwlb: ['hour', 'lcu-hour'],
  'public-ipv4': ['hour'],
  nat: ['hour', 'gb'],
  endpoint: ['hour', 'gb'],
  'endpoint-gatewayloadbalancer': ['hour', 'gb'],
  accelerator: /^(hour|premium-gb)$/,
  transfer: /^(internet-gb|zone-gb|region-gb|to-[a-z]{2}(-[a-z]+)+-\d-gb)$/,
  s3: ['standard', 'put-1k', 'get-1k', 'replication-time-gb'],
  lambda: ['requests-1m', 'gb-s-x86', 'gb-s-arm'],
  states: ['transitions-1k', 'express'],
  dynamodb: ['writes-1m', 'reads-1m', 'replicated-writes-1m', 'storage', 'pitr', 'provisioned'],
  sqs: ['requests-1m', 'fifo-requests-1m'],
  sns: ['requests-1m', 'emails-100k'],
  events: ['custom-1m'],
  scheduler: ['invocations-1m'],
  ssm: ['advanced', 'requests-10k'],
  kms: ['key', 'requests-10k'],
  secrets: ['secret', 'requests-10k'],
  logs: ['ingested-gb', 'stored-gb'],
  cloudwatch: ['metric', 'api-1k', 'alarm', 'alarm-high', 'alarm-composite', 'dashboard'],
  route53: ['zone', 'queries-1m', 'check-aws', 'check-other', 'option-aws', 'option-other'],
  arc: ['routing-cluster-hour'],
  waf: ['acl', 'rule', 'requests-1m'],
};

/** What a key may be instead; undefined where it is one. */
export function allowedInstead(key: string): string | undefined {
  const [first = '', ...rest] = key.split('.');
  const family = families[first];
  if (family === undefined) return `a key that begins with one of ${Object.keys(families).join(', ')}`;
  const after = rest.join('.');
  if (family instanceof RegExp) return family.test(after) ? undefined : `${first}. and what matches ${family.source}`;
  return family.includes(after) ? undefined : `one of ${family.map((one) => `${first}.${one}`).join(', ')}`;
}
