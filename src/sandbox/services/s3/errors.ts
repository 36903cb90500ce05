/** S3's errors, worded as S3 words them. */

import { AwsError } from '../../contract.ts';

const s3Error = (code: string, message: string, status: number, fields?: Record<string, unknown>): AwsError =>
  new AwsError(code, message, fields === undefined ? { status } : { status, fields });

export const noSuchBucket = (bucket: string): AwsError =>
  s3Error('NoSuchBucket', 'The specified bucket does not exist', 404, { BucketName: bucket });

export const noSuchKey = (key: string, marker?: { versionId: string }): AwsError =>
  s3Error('NoSuchKey', 'The specified key does not exist.', 404, {
    Key: key,
    ...(marker === undefined ? {} : { DeleteMarker: true, VersionId: marker.versionId }),
  });

export const noSuchVersion = (key: string, versionId: string): AwsError =>
  s3Error('NoSuchVersion', 'The specified version does not exist.', 404, { Key: key, VersionId: versionId });

export const noSuchUpload = (uploadId: string): AwsError =>
  s3Error(
    'NoSuchUpload',
    'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
    404,
    { UploadId: uploadId },
  );

/** HEAD answers carry no body, so S3 has one code for all that is missing. */
export const notFound = (): AwsError => s3Error('NotFound', 'Not Found', 404);

export const accessDenied = (): AwsError => s3Error('AccessDenied', 'Access Denied', 403);

export const invalidArgument = (message: string, name: string, value: unknown): AwsError =>
  s3Error('InvalidArgument', message, 400, { ArgumentName: name, ArgumentValue: String(value) });

export const invalidRequest = (message: string): AwsError => s3Error('InvalidRequest', message, 400);

export const malformed = (detail?: string): AwsError =>
  s3Error(
    'MalformedXML',
    `The XML you provided was not well-formed or did not validate against our published schema${detail === undefined ? '' : ` (${detail})`}`,
    400,
  );

export const preconditionFailed = (condition: string): AwsError =>
  s3Error('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', 412, {
    Condition: condition,
  });

export const notModified = (): AwsError => s3Error('NotModified', 'Not Modified', 304);

export const methodNotAllowed = (versionId: string): AwsError =>
  s3Error('MethodNotAllowed', 'The specified method is not allowed against this resource.', 405, {
    ResourceType: 'DeleteMarker',
    DeleteMarker: true,
    VersionId: versionId,
  });

/** What S3 answers in a Region when the bucket lives in another. */
export const elsewhere = (bucket: string, region: string): AwsError =>
  s3Error(
    'PermanentRedirect',
    'The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.',
    301,
    {
      Bucket: bucket,
      Endpoint: `${bucket}.s3.${region}.amazonaws.com`,
      // Clients that follow look for the header; a HEAD has nothing else.
      'x-amz-bucket-region': region,
    },
  );

/** Bucket configuration is written through a control plane in us-east-1; so is the creation of buckets. */
export const controlPlaneUnavailable = (): AwsError =>
  s3Error('ServiceUnavailable', 'Service is unable to handle request.', 503);

export const serviceUnavailable = (why: string): AwsError => s3Error('ServiceUnavailable', why, 503);

export const conflict = (code: string, message: string): AwsError => s3Error(code, message, 409);

export const missingConfiguration = (code: string, message: string): AwsError => s3Error(code, message, 404);
