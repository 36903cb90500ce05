/**
 * Lines for the aws CLI, one or more for every service: each with what it prints. Later lines use what earlier ones made;
 * `~/template.json` is `cliTemplate`.
 */

export interface CliLine {
  readonly line: string;
  /** What stdout has to say; `refused` is what stderr says of a line that fails. */
  readonly prints?: RegExp;
  readonly refused?: RegExp;
}

const printed = (line: string, prints: RegExp = /^/): CliLine => ({ line, prints });
const denied = (line: string, refused: RegExp): CliLine => ({ line, refused });

const trust =
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"states.amazonaws.com"},"Action":"sts:AssumeRole"}]}';
const machine = '{"StartAt":"A","States":{"A":{"Type":"Succeed"}}}';

export const cliTemplate = JSON.stringify({
  Parameters: { Value: { Type: 'String' } },
  Resources: { P: { Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Value: { Ref: 'Value' } } } },
});

export const cliLines: readonly CliLine[] = [
  printed('sts get-caller-identity --query Account --output text', /^111122223333$/m),
  printed(`iam create-role --role-name cli --assume-role-policy-document ${trust} --query Role.Arn`, /role\/cli/),
  printed('iam list-roles --max-items 1 --query Roles[].RoleName', /\[/),
  printed('iam wait role-exists --role-name cli'),
  printed('iam list-users --query Users[].UserName', /administrator|\[\]/),
  printed('iam list-policies --scope AWS --max-items 2 --query Policies[].Arn', /arn:aws:iam::aws:policy/),
  printed('iam list-instance-profiles --query InstanceProfiles', /\[\]/),
  denied('iam get-role --role-name none', /\(NoSuchEntity\)/),
  printed('ssm put-parameter --name /cli/a --value 1 --type String --query Version', /^1$/m),
  printed('ssm put-parameter --name /cli/b --value 2 --type String --query Version', /^1$/m),
  printed('ssm get-parameters-by-path --path /cli --page-size 1 --query Parameters[].Value --output text', /1\s+2/),
  printed('s3 mb s3://cli-bucket', /make_bucket/),
  printed('s3api put-object --bucket cli-bucket --key a --query ETag', /"/),
  printed('s3api wait object-exists --bucket cli-bucket --key a'),
  printed('s3 ls s3://cli-bucket', /\ba$/m),
  printed('s3 sync s3://cli-bucket s3://cli-bucket/copy', /copy: /),
  printed('s3 rm s3://cli-bucket --recursive', /delete: /),
  printed('s3 presign s3://cli-bucket/a', /^http.*cli-bucket\/a\?.*Signature=/m),
  printed('s3 mb s3://cli-west --region us-west-2', /make_bucket/),
  // A bucket of another Region: the client is sent there, and follows.
  printed('s3 cp ~/template.json s3://cli-west/t', /upload: /),
  printed('s3 ls s3://cli-west', /\bt$/m),
  printed('s3 rb s3://cli-west --force', /remove_bucket/),
  printed('sqs create-queue --queue-name cli --query QueueUrl', /cli/),
  printed('sqs list-queues --queue-name-prefix cli --page-size 1 --query QueueUrls', /cli/),
  printed('sns create-topic --name cli --query TopicArn', /:cli/),
  printed('sns list-topics --query Topics[].TopicArn', /:cli/),
  printed('kms create-key --description cli --query KeyMetadata.KeyState', /Enabled/),
  printed('kms list-keys --page-size 1 --query length(Keys)', /^\d+$/m),
  printed('secretsmanager create-secret --name cli --secret-string s --query Name', /cli/),
  printed('secretsmanager list-secrets --filters Key=name,Values=cli --query SecretList[].Name', /cli/),
  printed(
    'dynamodb create-table --table-name cli --attribute-definitions AttributeName=pk,AttributeType=S --key-schema AttributeName=pk,KeyType=HASH --billing-mode PAY_PER_REQUEST --query TableDescription.TableName',
    /cli/,
  ),
  printed('dynamodb wait table-exists --table-name cli'),
  printed('dynamodb scan --table-name cli --page-size 1 --query Count', /^0$/m),
  printed('events put-rule --name cli --event-pattern {"source":["x"]} --query RuleArn', /rule\/cli/),
  printed('events list-rules --name-prefix cli --query Rules[].State', /ENABLED/),
  printed('scheduler list-schedules --max-items 5 --query Schedules', /\[\]/),
  printed('logs create-log-group --log-group-name cli'),
  printed('logs describe-log-groups --log-group-name-prefix cli --page-size 1 --query logGroups[].logGroupName', /cli/),
  printed(
    'cloudwatch put-metric-alarm --alarm-name cli --namespace N --metric-name m --statistic Sum --period 60 --evaluation-periods 1 --threshold 1 --comparison-operator GreaterThanThreshold',
  ),
  printed('cloudwatch wait alarm-exists --alarm-names cli'),
  printed('cloudwatch describe-alarms --alarm-name-prefix cli --query MetricAlarms[].Threshold', /^\s*1(\.0)?$/m),
  printed('ec2 describe-regions --query Regions[].RegionName --output text', /us-east-1\s+us-west-2/),
  printed('ec2 create-vpc --cidr-block 10.8.0.0/16 --query Vpc.State', /pending|available/),
  printed('ec2 wait vpc-available --filters Name=cidr,Values=10.8.0.0/16'),
  printed('ec2 describe-vpcs --filters Name=cidr,Values=10.8.* --query Vpcs[].CidrBlock', /10\.8/),
  denied('ec2 describe-instances --instance-ids i-0123456789abcdef0', /\(InvalidInstanceID\.NotFound\)/),
  printed('autoscaling describe-auto-scaling-groups --page-size 1 --query AutoScalingGroups', /\[\]/),
  printed('elbv2 describe-load-balancers --page-size 1 --query LoadBalancers', /\[\]/),
  denied('elbv2 describe-load-balancers --names none', /\(LoadBalancerNotFound\)/),
  printed(
    'rds create-db-parameter-group --db-parameter-group-name cli --db-parameter-group-family mysql8.0 --description cli --query DBParameterGroup.DBParameterGroupFamily',
    /mysql8\.0/,
  ),
  printed(
    'rds modify-db-parameter-group --db-parameter-group-name cli --parameters ParameterName=max_connections,ParameterValue=50,ApplyMethod=immediate',
    /cli/,
  ),
  printed(
    'rds describe-db-parameters --db-parameter-group-name cli --source user --query Parameters[].ParameterValue',
    /50/,
  ),
  printed('rds describe-db-instances --page-size 20 --query DBInstances', /\[\]/),
  denied('rds describe-db-instances --db-instance-identifier none', /\(DBInstanceNotFound\)/),
  printed(
    'route53 create-hosted-zone --name cli.example --caller-reference 1 --query ChangeInfo.Status',
    /PENDING|INSYNC/,
  ),
  printed('route53 list-hosted-zones --page-size 1 --query HostedZones[].Name', /cli\.example\./),
  printed('lambda list-functions --page-size 1 --query Functions', /\[\]/),
  denied('lambda invoke --function-name none /dev/null', /\(ResourceNotFoundException\)/),
  printed(
    `stepfunctions create-state-machine --name cli --definition ${machine} --role-arn arn:aws:iam::111122223333:role/cli --query stateMachineArn`,
    /stateMachine:cli/,
  ),
  printed(
    'stepfunctions start-execution --state-machine-arn arn:aws:states:us-east-1:111122223333:stateMachine:cli --name x --query executionArn',
    /:cli:x/,
  ),
  printed(
    'stepfunctions list-executions --state-machine-arn arn:aws:states:us-east-1:111122223333:stateMachine:cli --page-size 1 --query executions[].name',
    /x/,
  ),
  printed(
    'stepfunctions describe-execution --execution-arn arn:aws:states:us-east-1:111122223333:execution:cli:x --query name',
    /x/,
  ),
  printed(
    'stepfunctions get-execution-history --execution-arn arn:aws:states:us-east-1:111122223333:execution:cli:x --query events[0].type',
    /ExecutionStarted/,
  ),
  printed(
    'cloudformation deploy --stack-name cli-deployed --template-file ~/template.json --parameter-overrides Value=1',
    /Successfully created\/updated stack/,
  ),
  printed(
    'cloudformation deploy --stack-name cli-deployed --template-file ~/template.json --no-fail-on-empty-changeset',
    /No changes to deploy/,
  ),
  printed(
    'cloudformation create-stack --stack-name cli --template-body {"Resources":{"T":{"Type":"AWS::SNS::Topic"}}} --query StackId',
    /stack\/cli/,
  ),
  printed('cloudformation wait stack-create-complete --stack-name cli'),
  printed('cloudformation list-stacks --stack-status-filter CREATE_COMPLETE --query StackSummaries[].StackName', /cli/),
  denied('cloudformation describe-stacks --stack-name none', /\(ValidationError\)/),
];
