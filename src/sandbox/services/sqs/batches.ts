/** Batches: one to ten entries with distinct ids, each of which succeeds or fails by itself. */

import { messageOf } from '../../../kernel/errors.ts';
import { AwsError, codeOf } from '../../contract.ts';

interface Entry {
  readonly Id: string | undefined;
}

interface Failure {
  readonly Id: string;
  readonly SenderFault: boolean;
  readonly Code: string;
  readonly Message: string;
}

export function inBatch<E extends Entry, R extends object>(
  entries: readonly E[] | undefined,
  each: (entry: E) => R,
): { Successful: (R & { Id: string })[]; Failed: Failure[] } {
  const batch = checked(entries);
  const Successful: (R & { Id: string })[] = [];
  const Failed: Failure[] = [];
  for (const entry of batch) {
    const Id = entry.Id ?? '';
    try {
      Successful.push({ ...each(entry), Id });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      Failed.push({ Id, SenderFault: true, Code: codeOf(error) ?? '', Message: messageOf(error) });
    }
  }
  return { Successful, Failed };
}

function checked<E extends Entry>(entries: readonly E[] | undefined): readonly E[] {
  if (entries === undefined || entries.length === 0) {
    throw new AwsError('EmptyBatchRequest', 'There should be at least one entry in the request.');
  }
  if (entries.length > 10) {
    throw new AwsError(
      'TooManyEntriesInBatchRequest',
      `Maximum number of entries per request are 10. You have sent ${entries.length}.`,
    );
  }
  if (entries.some((entry) => !/^[A-Za-z0-9_-]{1,80}$/.test(entry.Id ?? ''))) {
    throw new AwsError(
      'InvalidBatchEntryId',
      'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
    );
  }
  if (new Set(entries.map((entry) => entry.Id)).size < entries.length) {
    throw new AwsError('BatchEntryIdsNotDistinct', 'Two or more batch entries in the request have the same Id.');
  }
  return entries;
}
