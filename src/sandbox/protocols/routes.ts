/** Finds a REST operation by method, path and query string, from the `http` traits of a service's schemas. */

import type { Api, ApiOperation } from './api.ts';
import { bindingsOf } from './rest.ts';

export interface RouteRequest {
  readonly method: string;
  /** Percent-encoded; for S3 without the bucket. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  /** The bucket addressed, for S3. */
  readonly bucket?: string | undefined;
}

export interface Match {
  readonly operation: ApiOperation;
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * Several operations can share a method and path (PutObject, CopyObject, UploadPart): the one whose fixed query parameters all
 * stand in the request and are the most wins, then the one with the most required query parameters and headers, all present.
 */
export function findRoute(api: Api, request: RouteRequest): Match | undefined {
  let best: { route: Route; labels: Record<string, string>; rank: number } | undefined;
  for (const route of routesOf(api)) {
    if (route.method !== request.method || !fixedQueryHolds(route, request.query)) continue;
    if (route.wantsBucket !== (request.bucket !== undefined)) continue;
    const labels = matchPath(route, request.path);
    if (labels === undefined) continue;
    const rank = rankOf(route, request);
    if (best === undefined || rank > best.rank) best = { route, labels, rank };
  }
  if (best === undefined) return undefined;
  const labels = request.bucket === undefined ? best.labels : { ...best.labels, Bucket: request.bucket };
  return { operation: best.route.operation, labels };
}

interface Route {
  readonly operation: ApiOperation;
  readonly method: string;
  readonly segments: readonly Segment[];
  readonly fixedQuery: readonly (readonly [string, string])[];
  /** S3's operations on a bucket have a label that isn't in the path. */
  readonly wantsBucket: boolean;
  readonly requiredQuery: readonly string[];
  readonly requiredHeaders: readonly string[];
}

type Segment = { readonly fixed: string } | { readonly label: string; readonly greedy: boolean };

const compiled = new WeakMap<Api, readonly Route[]>();

function routesOf(api: Api): readonly Route[] {
  const known = compiled.get(api);
  if (known !== undefined) return known;
  const routes = [...api.operations.values()].flatMap((operation) => routeOf(operation) ?? []);
  compiled.set(api, routes);
  return routes;
}

function routeOf(operation: ApiOperation): Route | undefined {
  const { http } = operation.traits;
  if (http === undefined) return undefined;
  const [method, template] = http;
  const [path = '/', fixed = ''] = template.split('?');
  const { labels, queries, headers } = bindingsOf(operation.input);
  const segments = partsOf(path).map((part): Segment => {
    const label = /^\{(\w+)(\+?)\}$/.exec(part);
    return label === null ? { fixed: part } : { label: label[1] ?? '', greedy: label[2] === '+' };
  });
  const inPath = new Set(segments.map((segment) => ('label' in segment ? segment.label : undefined)));
  return {
    operation,
    method,
    segments,
    // x-id only tells tracing tools which operation it is; older clients don't send it.
    fixedQuery: [...new URLSearchParams(fixed)].filter(([name]) => name !== 'x-id'),
    wantsBucket: labels.some(({ name }) => name === 'Bucket' && !inPath.has(name)),
    requiredQuery: queries.flatMap(({ required, traits }) => (required && traits.httpQuery ? [traits.httpQuery] : [])),
    requiredHeaders: headers.flatMap(({ required, traits }) =>
      required && traits.httpHeader ? [traits.httpHeader.toLowerCase()] : [],
    ),
  };
}

/** The parts between slashes; a trailing slash means nothing, except inside an object's key. */
function partsOf(path: string): string[] {
  const inner = path.replace(/^\//, '');
  return inner === '' ? [] : inner.split('/');
}

const fixedQueryHolds = ({ fixedQuery }: Route, query: URLSearchParams): boolean =>
  fixedQuery.every(([name, value]) => query.has(name) && (value === '' || query.get(name) === value));

function rankOf(route: Route, { query, headers }: RouteRequest): number {
  const required = route.requiredQuery.length + route.requiredHeaders.length;
  const allThere =
    route.requiredQuery.every((name) => query.has(name)) && route.requiredHeaders.every((name) => name in headers);
  const named = query.get('x-id') === route.operation.name ? 1 : 0;
  return route.fixedQuery.length * 1000 + (allThere ? required : -required) * 10 + named;
}

function matchPath({ segments }: Route, path: string): Record<string, string> | undefined {
  const labels: Record<string, string> = {};
  const parts = partsOf(path);
  for (const [index, segment] of segments.entries()) {
    const part = parts[index];
    if (part === undefined) return undefined;
    if ('fixed' in segment) {
      if (part !== segment.fixed) return undefined;
      continue;
    }
    const text = decoded(segment.greedy ? parts.slice(index).join('/') : part);
    if (text === undefined || text === '') return undefined;
    labels[segment.label] = text;
    if (segment.greedy) return labels;
  }
  const rest = parts.slice(segments.length);
  return rest.every((part) => part === '') ? labels : undefined;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
