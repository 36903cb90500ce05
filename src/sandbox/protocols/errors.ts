/**
 * Errors on the wire. A service raises a modelled error by its shape's name or by the code query clients see; what every service has
 * in common (no permission, bad signature, throttling, bad input) is raised by one neutral code, which each protocol spells its own way.
 *
 * Source of the spellings: the "Common errors" page of each service's API reference, and the S3, EC2 and Lambda error lists.
 */

import { AwsError } from '../contract.ts';
import type { Api } from './api.ts';
import type { DocumentFormat } from './documents.ts';
import { structureToDocument } from './documents.ts';
import type { WireResponse } from './message.ts';
import type { Structure } from './shapes.ts';
import type { InputProblem } from './values.ts';
import { InputError } from './values.ts';
import { namespaceAttribute, structureToXml, tag, xmlNameOf } from './xml.ts';
import { escapeXml } from './xml-document.ts';

/** How errors are written. Route 53's are those of the query protocol. */
export type ErrorStyle = 'query' | 'ec2' | 'json' | 'restJson' | 's3';

/** `message` is the service's own text, where it never says more than this. */
type Spelling = readonly [code: string, status: number, message?: string];

const notValidated = 'AWS was not able to validate the provided access credentials';

const spellings: Readonly<Record<string, Readonly<Record<ErrorStyle, Spelling>>>> = {
  AccessDenied: {
    query: ['AccessDenied', 403],
    ec2: ['UnauthorizedOperation', 403],
    json: ['AccessDeniedException', 400],
    restJson: ['AccessDeniedException', 403],
    s3: ['AccessDenied', 403],
  },
  InvalidClientTokenId: {
    query: ['InvalidClientTokenId', 403],
    ec2: ['AuthFailure', 401, notValidated],
    json: ['UnrecognizedClientException', 400],
    restJson: ['UnrecognizedClientException', 403],
    s3: ['InvalidAccessKeyId', 403, 'The AWS Access Key Id you provided does not exist in our records.'],
  },
  SignatureDoesNotMatch: {
    query: ['SignatureDoesNotMatch', 403],
    ec2: ['AuthFailure', 401, notValidated],
    json: ['InvalidSignatureException', 400],
    restJson: ['InvalidSignatureException', 403],
    s3: ['SignatureDoesNotMatch', 403],
  },
  RequestTimeTooSkewed: {
    query: ['SignatureDoesNotMatch', 403],
    ec2: ['RequestExpired', 400, 'Request has expired.'],
    json: ['InvalidSignatureException', 400],
    restJson: ['InvalidSignatureException', 403],
    s3: ['RequestTimeTooSkewed', 403, 'The difference between the request time and the current time is too large.'],
  },
  MissingAuthenticationToken: {
    query: ['MissingAuthenticationToken', 403],
    ec2: ['AuthFailure', 401],
    json: ['MissingAuthenticationTokenException', 400, 'Missing Authentication Token'],
    restJson: ['MissingAuthenticationTokenException', 403, 'Missing Authentication Token'],
    // An unsigned request to S3 is an anonymous one.
    s3: ['AccessDenied', 403, 'Access Denied'],
  },
  IncompleteSignature: {
    query: ['IncompleteSignature', 400],
    ec2: ['AuthFailure', 401],
    json: ['IncompleteSignatureException', 400],
    restJson: ['IncompleteSignatureException', 403],
    s3: ['AuthorizationHeaderMalformed', 400],
  },
  ExpiredToken: {
    query: ['ExpiredToken', 403],
    ec2: ['RequestExpired', 400],
    json: ['ExpiredTokenException', 400],
    restJson: ['ExpiredTokenException', 403],
    s3: ['ExpiredToken', 400, 'The provided token has expired.'],
  },
  Throttling: {
    query: ['Throttling', 400],
    ec2: ['RequestLimitExceeded', 503],
    json: ['ThrottlingException', 400],
    restJson: ['TooManyRequestsException', 429],
    s3: ['SlowDown', 503],
  },
  ServiceUnavailable: {
    query: ['ServiceUnavailable', 503],
    ec2: ['Unavailable', 503],
    json: ['ServiceUnavailableException', 503],
    restJson: ['ServiceException', 503],
    s3: ['ServiceUnavailable', 503],
  },
  InternalFailure: {
    query: ['InternalFailure', 500],
    ec2: ['InternalError', 500],
    json: ['InternalFailure', 500],
    restJson: ['ServiceException', 500],
    s3: ['InternalError', 500],
  },
  MalformedInput: {
    query: ['MalformedInput', 400],
    ec2: ['InvalidParameterValue', 400],
    json: ['SerializationException', 400],
    restJson: ['SerializationException', 400],
    s3: ['MalformedXML', 400],
  },
  InvalidArgument: {
    query: ['InvalidParameterValue', 400],
    ec2: ['InvalidParameterValue', 400],
    json: ['ValidationException', 400],
    restJson: ['ValidationException', 400],
    s3: ['InvalidArgument', 400],
  },
  UnknownOperation: {
    query: ['InvalidAction', 400],
    ec2: ['InvalidAction', 400],
    json: ['UnknownOperationException', 400],
    restJson: ['UnknownOperationException', 404],
    s3: ['MethodNotAllowed', 405],
  },
  RequestTooLarge: {
    query: ['RequestEntityTooLarge', 413],
    ec2: ['RequestEntityTooLarge', 413],
    json: ['RequestEntityTooLargeException', 413],
    restJson: ['RequestTooLargeException', 413],
    s3: ['EntityTooLarge', 400],
  },
};

const codesOfProblems: Readonly<Record<InputProblem, string>> = {
  malformed: 'MalformedInput',
  invalid: 'InvalidArgument',
};

/** Anything thrown while answering, as the AWS error it stands for. What isn't one is a fault of the sandbox: `InternalFailure`. */
export function asAwsError(error: unknown): AwsError {
  if (error instanceof AwsError) return error;
  if (error instanceof InputError) {
    return new AwsError(codesOfProblems[error.problem], error.message);
  }
  return new AwsError('InternalFailure', 'The sandbox failed to answer. Its log says why.');
}

export interface ErrorContext {
  readonly style: ErrorStyle;
  /** The service's schemas, once it is known. */
  readonly api: Api | undefined;
  readonly requestId: string;
  /** A client that reads query codes out of JSON answers (`x-amzn-query-mode`). */
  readonly queryMode: boolean;
  /** How answers that aren't XML are written, and what they say they are. */
  readonly format: DocumentFormat;
  readonly contentType: string;
  readonly resource: string;
}

export function errorToWire(error: AwsError, context: ErrorContext): WireResponse {
  const { style, api } = context;
  const spelling = isOwn(api, error.code) ? undefined : spellings[error.code]?.[style];
  const code = spelling?.[0] ?? error.code;
  // Some services model an UnsupportedOperation of their own; what the sandbox lacks isn't that.
  const shape = error.status === 501 ? undefined : api?.errors.get(code);
  const inQueries = context.queryMode ? spellings[error.code]?.query[0] : undefined;
  const [queryCode, queryStatus] = shape?.traits.awsQueryError ?? [inQueries ?? code, undefined];
  const modelled = (style === 'query' ? queryStatus : undefined) ?? shape?.traits.httpError;
  const fallback = shape?.traits.error === 'server' ? 500 : 400;
  const status = spelling?.[1] ?? error.status ?? modelled ?? fallback;
  const message = spelling?.[2] ?? error.message;
  const written: Written = { code: shape?.name ?? code, queryCode, status, shape, message, error, context };
  const { headers, body } = style === 'json' || style === 'restJson' ? inJson(written) : inXml(written);
  return { status, headers: { ...headers, ...headerFields(error) }, body };
}

/** Whether a service models an error of its own by the name of a neutral code (Route 53's `InvalidArgument`): then that is meant. */
const isOwn = (api: Api | undefined, code: string): boolean => {
  const shape = api?.errors.get(code);
  return shape?.name === code && shape.traits.awsQueryError === undefined;
};

/** Fields named like S3's own headers travel as such: `x-amz-bucket-region` of a redirect. */
function headerFields({ fields }: AwsError): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (name.startsWith('x-amz-') && typeof value === 'string') headers[name] = value;
  }
  return headers;
}

interface Written {
  /** The shape's name where the error is modelled. */
  readonly code: string;
  /** What query clients and XML answers call it. */
  readonly queryCode: string;
  readonly status: number;
  readonly shape: Structure | undefined;
  readonly message: string;
  readonly error: AwsError;
  readonly context: ErrorContext;
}

type HeadersAndBody = Pick<WireResponse, 'headers' | 'body'>;

function inJson({ code, queryCode, status, shape, message, error, context }: Written): HeadersAndBody {
  const messageName = shape?.byName.has('Message') === true ? 'Message' : 'message';
  const members = shape?.members.filter(({ traits }) => traits.httpHeader === undefined) ?? [];
  const fault = status < 500 ? 'User' : 'Service';
  const document = {
    ...(context.style === 'json' ? { __type: code } : {}),
    ...(shape?.byName.has('Type') === true ? { Type: fault } : {}),
    ...(shape === undefined ? {} : structureToDocument(context.format, shape, error.fields, '', members)),
    [messageName]: message,
  };
  const headers: Record<string, string> = {
    'content-type': context.contentType,
    'x-amzn-requestid': context.requestId,
  };
  if (context.style === 'restJson') headers['x-amzn-errortype'] = code;
  if (context.queryMode) headers['x-amzn-query-error'] = `${queryCode};${status < 500 ? 'Sender' : 'Receiver'}`;
  for (const { name, traits } of shape?.members ?? []) {
    const value = error.fields[name];
    if (traits.httpHeader !== undefined && (typeof value === 'string' || typeof value === 'number')) {
      headers[traits.httpHeader.toLowerCase()] = String(value);
    }
  }
  return { headers, body: context.format.print(document) };
}

function inXml({ queryCode, status, shape, message, error, context }: Written): HeadersAndBody {
  const { requestId, style, api } = context;
  const members = shape?.members.filter((member) => !/^message$/i.test(xmlNameOf(member))) ?? [];
  const details =
    tag('Code', escapeXml(queryCode)) +
    tag('Message', escapeXml(message)) +
    (shape === undefined ? '' : structureToXml(shape, error.fields, '', members));
  if (style === 's3') {
    const more = Object.entries(error.fields)
      .filter(
        ([name, value]) => typeof value === 'string' && !name.startsWith('x-amz-') && shape?.byName.has(name) !== true,
      )
      .map(([name, value]) => tag(name, escapeXml(String(value))))
      .join('');
    const ids = tag('Resource', escapeXml(context.resource)) + tag('RequestId', requestId) + tag('HostId', requestId);
    return {
      headers: { 'content-type': 'application/xml', 'x-amz-request-id': requestId, 'x-amz-id-2': requestId },
      body: `${declaration}${tag('Error', details + more + ids)}`,
    };
  }
  const headers = { 'content-type': 'text/xml', 'x-amzn-requestid': requestId };
  if (style === 'ec2') {
    const content = tag('Errors', tag('Error', details)) + tag('RequestID', requestId);
    return { headers, body: declaration + tag('Response', content) };
  }
  const content =
    tag('Error', tag('Type', status < 500 ? 'Sender' : 'Receiver') + details) + tag('RequestId', requestId);
  return { headers, body: declaration + tag('ErrorResponse', content, namespaceAttribute(api?.xmlNamespace ?? '')) };
}

const declaration = '<?xml version="1.0" encoding="UTF-8"?>\n';
