/**
 * One request and its answer in whichever protocol the client speaks. The request decides, not the service: clients of different
 * ages speak different protocols to SQS and CloudWatch.
 */

import { AwsError } from '../contract.ts';
import type { Api, ApiOperation } from './api.ts';
import type { DocumentFormat } from './documents.ts';
import { cborFormat, json, structureFromDocument, structureToDocument } from './documents.ts';
import type { ErrorStyle } from './errors.ts';
import type { RequestBody, WireRequest, WireResponse } from './message.ts';
import type { QueryFlavour } from './query.ts';
import { inputFromQuery } from './query.ts';
import type { BodyFormat } from './rest.ts';
import { inputFromRest, jsonBody, outputToRest, xmlBody } from './rest.ts';
import { findRoute } from './routes.ts';
import { adaptS3Input, s3AddressOf, s3Answer } from './s3.ts';
import { namespaceAttribute, structureToXml, tag } from './xml.ts';

export type Protocol = QueryFlavour | 'json' | 'cbor' | 'restJson' | 'restXml';

export interface Conversation {
  readonly operation: ApiOperation;
  /** The input in the SDK's shape. Refuses what the schema doesn't allow with an `InputError`. */
  readonly input: () => Promise<Record<string, unknown>>;
  /** The response that carries an output in the SDK's shape. */
  readonly output: (value: unknown, requestId: string) => WireResponse;
}

/** A request without its body, which is asked for only once it is wanted. */
type Head = Omit<WireRequest, 'body'>;

export function protocolOf(api: Api | undefined, { headers, query }: Pick<Head, 'headers' | 'query'>): Protocol {
  if (headers['smithy-protocol'] === 'rpc-v2-cbor') return 'cbor';
  if (headers['x-amz-target'] !== undefined) return 'json';
  const native = api?.protocol;
  if (native === 'restJson' || native === 'restXml' || native === 'json') return native;
  if (native === 'ec2Query') return 'ec2Query';
  const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true;
  if (native === 'query' || isForm || /(^|&)Action=/.test(query)) return 'query';
  return headers['content-type']?.includes('json') === true ? 'json' : 'restXml';
}

export function errorStyleOf(service: string | undefined, protocol: Protocol): ErrorStyle {
  if (protocol === 'ec2Query') return 'ec2';
  if (protocol === 'json' || protocol === 'cbor') return 'json';
  if (protocol === 'restJson') return 'restJson';
  return protocol === 'query' || service === 'route53' ? 'query' : 's3';
}

/** Finds the operation a request asks for; refuses one the service doesn't have by name. */
export async function converse(api: Api, protocol: Protocol, request: Head, body: RequestBody): Promise<Conversation> {
  const conversation = await readers[protocol](api, request, body);
  if (
    conversation.operation.output.members.some(
      ({ shape, traits }) => traits.streaming === 1 && shape.kind === 'structure',
    )
  ) {
    throw new AwsError(
      'UnsupportedOperation',
      `The sandbox doesn't send event streams: ${conversation.operation.name}.`,
      { status: 501 },
    );
  }
  return conversation;
}

/** The content type of an answer in a document. */
export const contentTypeOf = (protocol: Protocol, { headers }: Pick<Head, 'headers'>): string => {
  if (protocol === 'cbor') return 'application/cbor';
  if (protocol === 'restJson') return 'application/json';
  const asked = headers['content-type'] ?? '';
  return asked.startsWith('application/x-amz-json-') ? asked : 'application/x-amz-json-1.1';
};

export const documentFormatOf = (protocol: Protocol): DocumentFormat => (protocol === 'cbor' ? cborFormat : json);

type Reader = (api: Api, request: Head, body: RequestBody) => Promise<Conversation>;

const readers: Readonly<Record<Protocol, Reader>> = {
  json: async (api, request, body) => {
    const [target, name = ''] = (request.headers['x-amz-target'] ?? '').split('.', 2);
    if (target !== api.target)
      throw unknownOperation(api, request.headers['x-amz-target'] ?? 'a request without X-Amz-Target');
    return inDocuments('json', operationOf(api, name), request, body);
  },
  cbor: async (api, request, body) => {
    const match = /\/service\/([^/]+)\/operation\/([^/]+)$/.exec(request.path);
    if (match === null || match[1] !== api.target) throw unknownOperation(api, request.path);
    return inDocuments('cbor', operationOf(api, match[2] ?? ''), request, body);
  },
  query: (api, request, body) => inForms('query', api, request, body),
  ec2Query: (api, request, body) => inForms('ec2Query', api, request, body),
  restJson: async (api, request, body) => inRest(jsonBody, api, request, body),
  restXml: async (api, request, body) => inRest(xmlBody(api.xmlNamespace), api, request, body),
};

function inDocuments(
  protocol: 'json' | 'cbor',
  operation: ApiOperation,
  request: Head,
  body: RequestBody,
): Conversation {
  const format = documentFormatOf(protocol);
  return {
    operation,
    async input() {
      const bytes = await body.whole();
      const document = bytes.byteLength === 0 ? {} : format.parse(bytes);
      return structureFromDocument(format, operation.input, document, '');
    },
    output: (output, requestId) => ({
      status: 200,
      headers: {
        'content-type': contentTypeOf(protocol, request),
        'x-amzn-requestid': requestId,
        ...(protocol === 'cbor' ? { 'smithy-protocol': 'rpc-v2-cbor' } : {}),
      },
      body: format.print(structureToDocument(format, operation.output, output ?? {}, '')),
    }),
  };
}

async function inForms(flavour: QueryFlavour, api: Api, request: Head, body: RequestBody): Promise<Conversation> {
  const form = new URLSearchParams(`${request.query}&${Buffer.from(await body.whole()).toString('utf8')}`);
  const [action, version] = [form.get('Action'), form.get('Version')];
  if (action === null) throw new AwsError('MissingAction', 'The request must contain the parameter Action.');
  // Elastic Load Balancing's two generations share a signing name, and so many names of actions.
  if (version !== null && version !== api.version) {
    throw new AwsError(
      'InvalidAction',
      `The sandbox speaks version ${api.version} of ${api.service}, not ${version} (${action}).`,
    );
  }
  const operation = operationOf(api, action);
  return {
    operation,
    input: async () => inputFromQuery(flavour, operation.input, form),
    output: (output, requestId) => {
      const content = structureToXml(operation.output, output ?? {}, '');
      return {
        status: 200,
        headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId },
        body:
          flavour === 'query'
            ? queryAnswer(api, operation, content, requestId)
            : ec2Answer(api, operation, content, requestId),
      };
    },
  };
}

function queryAnswer(api: Api, { name, output }: ApiOperation, content: string, requestId: string): string {
  const result = output.name === 'Unit' ? '' : tag(`${name}Result`, content);
  const metadata = tag('ResponseMetadata', tag('RequestId', requestId));
  return tag(`${name}Response`, result + metadata, namespaceAttribute(api.xmlNamespace));
}

function ec2Answer(api: Api, { name, output }: ApiOperation, content: string, requestId: string): string {
  const done = output.name === 'Unit' ? tag('return', 'true') : content;
  return tag(`${name}Response`, tag('requestId', requestId) + done, namespaceAttribute(api.xmlNamespace));
}

function inRest(format: BodyFormat, api: Api, request: Head, body: RequestBody): Conversation {
  const query = new URLSearchParams(request.query);
  const { method, headers } = request;
  const address =
    api.service === 's3' ? s3AddressOf(headers.host ?? '', request.path) : { bucket: undefined, path: request.path };
  const match = findRoute(api, { method, headers, query, ...address });
  if (match === undefined)
    throw unknownOperation(api, `${method} ${request.path}${request.query === '' ? '' : `?${request.query}`}`);
  const { operation, labels } = match;
  return {
    operation,
    async input() {
      const input = await inputFromRest(format, operation.input, { labels, query, headers, body });
      return api.service === 's3' ? adaptS3Input(input, headers) : input;
    },
    output: (output, requestId) => {
      const parts = outputToRest(format, operation.output, output);
      const ids: Record<string, string> =
        api.service === 's3'
          ? { 'x-amz-request-id': requestId, 'x-amz-id-2': requestId }
          : { 'x-amzn-requestid': requestId };
      const plain: WireResponse = {
        status: parts.status ?? operation.traits.http?.[2] ?? 200,
        headers: { ...parts.headers, ...ids },
        body: parts.body,
      };
      return api.service === 's3' ? s3Answer(operation.name, plain) : plain;
    },
  };
}

function operationOf(api: Api, name: string): ApiOperation {
  const operation = api.operations.get(name);
  if (operation === undefined) throw unknownOperation(api, name);
  return operation;
}

const unknownOperation = (api: Api, asked: string): AwsError =>
  new AwsError('UnknownOperation', `${api.service} has no operation for ${asked}.`);
