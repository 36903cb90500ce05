/** What a target receives: the event itself, a part of it, a constant, or a template filled from it. */

import { atPath } from './json-path.ts';

export interface InputChoice {
  readonly Input?: string | undefined;
  readonly InputPath?: string | undefined;
  readonly InputTransformer?:
    | { readonly InputPathsMap?: Record<string, string> | undefined; readonly InputTemplate: string | undefined }
    | undefined;
}

export interface Origin {
  readonly ruleArn: string;
  readonly ruleName: string;
  /** ISO 8601. */
  readonly ingested: string;
}

/** The JSON text handed to the target. */
export function targetInput(target: InputChoice, event: Record<string, unknown>, origin: Origin): string {
  if (target.InputTransformer !== undefined) return transform(target.InputTransformer, event, origin);
  if (target.Input !== undefined) return target.Input;
  if (target.InputPath !== undefined) return JSON.stringify(atPath(target.InputPath, event) ?? {});
  return JSON.stringify(event);
}

function transform(
  { InputPathsMap = {}, InputTemplate = '' }: NonNullable<InputChoice['InputTransformer']>,
  event: Record<string, unknown>,
  origin: Origin,
): string {
  const { detail: _, ...withoutDetail } = event;
  const values: Record<string, unknown> = {
    'aws.events.rule-arn': origin.ruleArn,
    'aws.events.rule-name': origin.ruleName,
    'aws.events.event.ingestion-time': origin.ingested,
    'aws.events.event': withoutDetail,
    'aws.events.event.json': event,
  };
  for (const [name, path] of Object.entries(InputPathsMap)) values[name] = atPath(path, event);
  const filled = fill(InputTemplate, values);
  // A template that isn't JSON is handed over as one JSON string, as EventBridge does with plain text.
  return isJson(filled) ? filled : JSON.stringify(filled);
}

/** Inside quotes a value is written as text, outside as JSON; a name without a value is an empty string. */
function fill(template: string, values: Record<string, unknown>): string {
  let quoted = false;
  return template.replaceAll(/\\.|"|<([\w.-]+)>/gs, (token, name: string | undefined) => {
    if (token === '"') quoted = !quoted;
    if (name === undefined) return token;
    const value = values[name] ?? '';
    if (!quoted) return JSON.stringify(value);
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return JSON.stringify(text).slice(1, -1);
  });
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
