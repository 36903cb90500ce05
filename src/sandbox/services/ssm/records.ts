/** What Parameter Store keeps in its table, by name: plain JSON, times in milliseconds since the epoch. */

export type ParameterType = 'String' | 'StringList' | 'SecureString';
export type Tier = 'Standard' | 'Advanced';

export interface ParameterVersion {
  readonly version: number;
  /** The plain text; of a SecureString the ciphertext, in base64. */
  readonly value: string;
  /** As it was given: an id, an alias or an ARN. Only of a SecureString. */
  readonly keyId?: string;
  readonly description?: string;
  readonly allowedPattern?: string;
  readonly tier: Tier;
  readonly dataType: string;
  readonly lastModified: number;
  readonly user: string;
  readonly labels: readonly string[];
}

export interface ParameterRecord {
  readonly name: string;
  readonly type: ParameterType;
  /** Oldest first; the last one is current. At most 100. */
  readonly versions: readonly ParameterVersion[];
  readonly tags: Readonly<Record<string, string>>;
}

export const current = (record: ParameterRecord): ParameterVersion => {
  const latest = record.versions.at(-1);
  if (latest === undefined) throw new Error(`Parameter ${record.name} has no version.`);
  return latest;
};
