/**
 * What the folder of a CDK app says about running it. The context must be the one the CDK CLI would give: feature flags and metadata
 * are part of the templates, and a rehearsal proves the templates that are deployed.
 */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, usageError } from '../kernel/errors.ts';

export interface CdkSettings {
  /** The command that runs the app. */
  readonly app: string;
  readonly context: Readonly<Record<string, unknown>>;
}

/** @throws a usage error when there is no `cdk.json`, or it can't be read or names no app. */
export function cdkSettings(folder: string): CdkSettings {
  const file = join(folder, 'cdk.json');
  if (!existsSync(file))
    throw usageError('There is no cdk.json beside the config file.', { given: folder, next: 'Put the CDK app there.' });
  const { app, context, pathMetadata, assetMetadata, versionReporting } = readJson(file);
  if (typeof app !== 'string' || app === '')
    throw usageError('cdk.json names no app.', {
      given: file,
      next: 'Add one, like { "app": "node --import tsx app.ts" }.',
    });
  const lookedUp = join(folder, 'cdk.context.json');
  return {
    app,
    context: {
      ...(context as object | undefined),
      ...(existsSync(lookedUp) ? readJson(lookedUp) : {}),
      ...(pathMetadata === false ? {} : { 'aws:cdk:enable-path-metadata': true }),
      ...(assetMetadata === false ? {} : { 'aws:cdk:enable-asset-metadata': true }),
      ...(versionReporting === false
        ? { 'aws:cdk:disable-version-reporting': true }
        : { 'aws:cdk:version-reporting': true }),
      'aws:cdk:bundling-stacks': ['**'],
    },
  };
}

function readJson(file: string): Record<string, unknown> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  } catch (error) {
    throw usageError(`${file} can't be read: ${messageOf(error)}.`, { next: 'Correct it.' });
  }
}
