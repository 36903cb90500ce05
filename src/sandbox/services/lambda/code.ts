/** A function's code: fetched from S3 or taken from the request, and unpacked into a folder of its own, once per content. */

import { createHash } from 'node:crypto';
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { FunctionCode, UpdateFunctionCodeCommandInput } from '@aws-sdk/client-lambda';
import { messageOf } from '../../../kernel/errors.ts';
import type { Call, SandboxCore } from '../../contract.ts';
import { AwsError, codeOf } from '../../contract.ts';
import { unzip } from '../../functions/unzip.ts';
import { refuseMembers } from '../events/refuse.ts';
import { type Code, invalid } from './rows.ts';

type CodeSource = FunctionCode | UpdateFunctionCodeCommandInput;

/** Unpacks the code a request carries or names. S3 is read with the caller's own permissions, as on AWS. */
export async function takeCode(core: SandboxCore, call: Call, name: string, source: CodeSource): Promise<Code> {
  refuseMembers('Lambda code', source, ['ImageUri', 'SourceKMSKeyArn', 'S3ObjectStorageMode']);
  const archive = source.ZipFile ?? (await fromS3(core, call, source));
  const digest = createHash('sha256').update(archive).digest();
  const functions = join(core.directory, call.region, 'functions');
  const base = join(functions, name, digest.toString('hex').slice(0, 32));
  const code = { sha256: digest.toString('base64'), size: archive.length, folder: base, archive: `${base}.zip` };
  if (await exists(code.archive)) return code;
  const unpacking = `${base}-${core.ids.hex(8)}`;
  try {
    await mkdir(unpacking, { recursive: true });
    // Whatever folder the sandbox lives in, plain .js files in a package are CommonJS, as on Lambda.
    await writeFile(join(functions, 'package.json'), '{}\n');
    await unzip(archive, unpacking);
    await rename(unpacking, base).catch(async (error: unknown) => {
      if (!(await exists(base))) throw error;
      await rm(unpacking, { recursive: true, force: true });
    });
    await writeFile(code.archive, archive);
  } catch (error) {
    await rm(unpacking, { recursive: true, force: true });
    throw invalid(
      `Could not unzip uploaded file. Please check your file, then try to upload again. ${messageOf(error)}`,
    );
  }
  return code;
}

async function fromS3(
  core: SandboxCore,
  call: Call,
  { S3Bucket, S3Key, S3ObjectVersion }: CodeSource,
): Promise<Uint8Array> {
  if (S3Bucket === undefined || S3Key === undefined) throw invalid('Please provide a source for function code.');
  const version = S3ObjectVersion === undefined ? {} : { VersionId: S3ObjectVersion };
  try {
    const { Body } = await core.invoke<{ Body?: Readable | Uint8Array }>({
      service: 's3',
      operation: 'GetObject',
      region: call.region,
      input: { Bucket: S3Bucket, Key: S3Key, ...version },
      principal: call.principal,
    });
    return Body instanceof Uint8Array ? Body : await drained(Body);
  } catch (error) {
    const code = codeOf(error) ?? 'InternalError';
    if (code === 'AccessDenied') throw new AwsError('AccessDeniedException', messageOf(error), { status: 403 });
    throw invalid(`Error occurred while GetObject. S3 Error Code: ${code}. S3 Error Message: ${messageOf(error)}`);
  }
}

async function drained(body: Readable | undefined): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body ?? []) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
