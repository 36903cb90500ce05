"""What boto3's users lean on, asked of a whole sandbox: each check prints its name when it holds, and a traceback ends the run."""

import io
import json
import os
import sys
import urllib.error
import urllib.request

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.client import Config
from botocore.exceptions import ClientError, WaiterError

endpoint = sys.argv[1]


def client(service, **more):
    return boto3.client(service, endpoint_url=endpoint, **more)


def resource(service):
    return boto3.resource(service, endpoint_url=endpoint)


def refused(call, exception, status, **arguments):
    try:
        call(**arguments)
    except exception as error:
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == status, error.response
        assert error.response["ResponseMetadata"]["RequestId"], error.response
        return error.response
    raise AssertionError(f"{call} was accepted")


quick = {"Delay": 1, "MaxAttempts": 60}


def typed_exceptions():
    none = "none-at-all"
    table = [
        # service, call, arguments, exception, status, code
        ("ssm", "get_parameter", {"Name": "/none"}, "ParameterNotFound", 400, "ParameterNotFound"),
        ("sqs", "get_queue_url", {"QueueName": none}, "QueueDoesNotExist", 400, "AWS.SimpleQueueService.NonExistentQueue"),
        ("dynamodb", "describe_table", {"TableName": none}, "ResourceNotFoundException", 400, "ResourceNotFoundException"),
        ("iam", "get_role", {"RoleName": none}, "NoSuchEntityException", 404, "NoSuchEntity"),
        ("lambda", "get_function", {"FunctionName": none}, "ResourceNotFoundException", 404, "ResourceNotFoundException"),
        ("s3", "get_object", {"Bucket": none, "Key": "k"}, "NoSuchBucket", 404, "NoSuchBucket"),
        ("rds", "describe_db_instances", {"DBInstanceIdentifier": none}, "DBInstanceNotFoundFault", 404, "DBInstanceNotFound"),
        ("route53", "get_hosted_zone", {"Id": "Z0000000NONE"}, "NoSuchHostedZone", 404, "NoSuchHostedZone"),
        ("elbv2", "describe_load_balancers", {"Names": [none]}, "LoadBalancerNotFoundException", 400, "LoadBalancerNotFound"),
        ("autoscaling", "describe_auto_scaling_groups", {"NextToken": "x"}, "InvalidNextToken", 400, "InvalidNextToken"),
        ("sns", "get_topic_attributes", {"TopicArn": "arn:aws:sns:us-east-1:111122223333:none"}, "NotFoundException", 404, "NotFound"),
        ("events", "describe_rule", {"Name": none}, "ResourceNotFoundException", 400, "ResourceNotFoundException"),
        ("scheduler", "get_schedule", {"Name": none}, "ResourceNotFoundException", 404, "ResourceNotFoundException"),
        ("secretsmanager", "describe_secret", {"SecretId": none}, "ResourceNotFoundException", 400, "ResourceNotFoundException"),
        ("kms", "describe_key", {"KeyId": "alias/none"}, "NotFoundException", 404, "NotFoundException"),
        ("logs", "describe_log_streams", {"logGroupName": none}, "ResourceNotFoundException", 400, "ResourceNotFoundException"),
        ("cloudwatch", "set_alarm_state", {"AlarmName": none, "StateValue": "OK", "StateReason": "x"}, "ResourceNotFound", 404, None),
        (
            "stepfunctions",
            "describe_state_machine",
            {"stateMachineArn": "arn:aws:states:us-east-1:111122223333:stateMachine:none"},
            "StateMachineDoesNotExist",
            400,
            "StateMachineDoesNotExist",
        ),
        # These model no exceptions for it: the code is what clients go by.
        ("ec2", "describe_vpcs", {"VpcIds": ["vpc-0123456789abcdef0"]}, None, 400, "InvalidVpcID.NotFound"),
        ("cloudformation", "describe_stacks", {"StackName": none}, None, 400, "ValidationError"),
        ("sts", "assume_role", {"RoleArn": "arn:aws:iam::111122223333:role/none", "RoleSessionName": "boto"}, None, 403, "AccessDenied"),
    ]
    for service, call, arguments, exception, status, code in table:
        one = client(service)
        expected = ClientError if exception is None else getattr(one.exceptions, exception)
        answer = refused(getattr(one, call), expected, status, **arguments)
        assert code is None or answer["Error"]["Code"] == code, answer
        assert service != "s3" or answer["ResponseMetadata"]["HostId"], answer


def waiters():
    dynamodb = client("dynamodb")
    dynamodb.create_table(
        TableName="boto",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    dynamodb.get_waiter("table_exists").wait(TableName="boto", WaiterConfig=quick)
    stacks = client("cloudformation")
    template = {"Resources": {"P": {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": "v"}}}}
    stacks.create_stack(StackName="boto", TemplateBody=json.dumps(template))
    stacks.get_waiter("stack_create_complete").wait(StackName="boto", WaiterConfig=quick)
    stacks.delete_stack(StackName="boto")
    stacks.get_waiter("stack_delete_complete").wait(StackName="boto", WaiterConfig=quick)
    try:
        client("s3").get_waiter("bucket_exists").wait(Bucket="none-at-all", WaiterConfig={"Delay": 1, "MaxAttempts": 1})
    except WaiterError:
        pass
    else:
        raise AssertionError("a bucket that isn't there was waited for in vain")


def paginators():
    ssm = client("ssm")
    for index in range(12):
        ssm.put_parameter(Name=f"/boto/{index}", Value="v", Type="String")
    pages = list(ssm.get_paginator("get_parameters_by_path").paginate(Path="/boto", PaginationConfig={"PageSize": 5}))
    assert [len(page["Parameters"]) for page in pages] == [5, 5, 2], pages
    iam = client("iam")
    for index in range(3):
        iam.create_user(UserName=f"boto-{index}", Path="/boto/")
    names = [role["RoleName"] for page in iam.get_paginator("list_roles").paginate(PaginationConfig={"PageSize": 1}) for role in page["Roles"]]
    assert len(names) == len(set(names)), names
    ec2 = client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    for index in range(7):
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.9.{index}.0/24")
    subnets = ec2.get_paginator("describe_subnets").paginate(
        Filters=[{"Name": "vpc-id", "Values": [vpc]}], PaginationConfig={"PageSize": 5}
    )
    assert [len(page["Subnets"]) for page in subnets] == [5, 2]


def s3_transfers():
    s3 = client("s3", config=Config(signature_version="s3v4", s3={"addressing_style": "path"}))
    s3.create_bucket(Bucket="boto-bucket")
    content = os.urandom(11 * 1024 * 1024)
    small = TransferConfig(multipart_threshold=5 * 1024 * 1024, multipart_chunksize=5 * 1024 * 1024)
    s3.upload_fileobj(io.BytesIO(content), "boto-bucket", "a b/ü.bin", ExtraArgs={"Metadata": {"m": "1"}}, Config=small)
    head = s3.head_object(Bucket="boto-bucket", Key="a b/ü.bin")
    assert head["ETag"].endswith('-3"') and head["Metadata"] == {"m": "1"}, head
    down = io.BytesIO()
    s3.download_fileobj("boto-bucket", "a b/ü.bin", down, Config=small)
    assert down.getvalue() == content
    s3.copy({"Bucket": "boto-bucket", "Key": "a b/ü.bin"}, "boto-bucket", "copy", Config=small)
    assert s3.head_object(Bucket="boto-bucket", Key="copy")["ContentLength"] == len(content)
    url = s3.generate_presigned_url("get_object", Params={"Bucket": "boto-bucket", "Key": "copy"}, ExpiresIn=60)
    with urllib.request.urlopen(url) as answer:
        assert answer.read() == content
    form = s3.generate_presigned_url("put_object", Params={"Bucket": "boto-bucket", "Key": "put"}, ExpiresIn=60)
    urllib.request.urlopen(urllib.request.Request(form, data=b"put", method="PUT"))
    assert s3.get_object(Bucket="boto-bucket", Key="put", Range="bytes=1-")["Body"].read() == b"ut"


def presigned_as_it_comes():
    """Left alone, boto3 presigns with Signature Version 2 in us-east-1."""
    s3 = client("s3")
    url = s3.generate_presigned_url("get_object", Params={"Bucket": "boto-bucket", "Key": "put"}, ExpiresIn=60)
    with urllib.request.urlopen(url) as answer:
        assert answer.read() == b"put"
    try:
        urllib.request.urlopen(url.replace("/put?", "/copy?"))
    except urllib.error.HTTPError as error:
        assert error.code == 403, error
    else:
        raise AssertionError("a URL presigned for one key opened another")


def resource_api():
    bucket = resource("s3").Bucket("boto-bucket")
    bucket.put_object(Key="from-resource", Body=b"x")
    assert "from-resource" in [item.key for item in bucket.objects.all()]
    bucket.objects.filter(Prefix="from-").delete()
    assert "from-resource" not in [item.key for item in bucket.objects.all()]
    table = resource("dynamodb").Table("boto")
    table.put_item(Item={"pk": "a", "n": 5, "tags": {"x", "y"}})
    with table.batch_writer() as batch:
        for index in range(30):
            batch.put_item(Item={"pk": f"b{index}"})
    assert table.get_item(Key={"pk": "a"})["Item"] == {"pk": "a", "n": 5, "tags": {"x", "y"}}
    assert table.scan(Select="COUNT")["Count"] == 31
    queue = resource("sqs").create_queue(QueueName="boto")
    queue.send_message(MessageBody="hello", MessageAttributes={"k": {"DataType": "String", "StringValue": "v"}})
    (message,) = queue.receive_messages(WaitTimeSeconds=5, MessageAttributeNames=["All"])
    assert message.body == "hello" and message.message_attributes["k"]["StringValue"] == "v"
    message.delete()
    topic = resource("sns").create_topic(Name="boto")
    assert topic.attributes["TopicArn"] == topic.arn
    instances = list(resource("ec2").instances.filter(Filters=[{"Name": "instance-state-name", "Values": ["running"]}]))
    assert instances == []


for check in (typed_exceptions, waiters, paginators, s3_transfers, presigned_as_it_comes, resource_api):
    check()
    print(check.__name__)
