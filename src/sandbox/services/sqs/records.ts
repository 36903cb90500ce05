/** What SQS keeps in tables: plain JSON, times in milliseconds since the epoch. */

export interface QueueRecord {
  readonly name: string;
  readonly region: string;
  readonly createdAt: number;
  readonly modifiedAt: number;
  /** As set, or as they are by default; all but the counts, times and ARN, which are computed. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  /** The ARN of the customer's key that encrypts it, once its alias is resolved. */
  readonly keyArn?: string;
  readonly purgedAt?: number;
}

export interface AttributeValue {
  readonly type: string;
  readonly text?: string;
  /** Base64. */
  readonly binary?: string;
}

export interface MessageRecord {
  readonly id: string;
  readonly body: string;
  readonly bodyMd5: string;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly attributesMd5?: string;
  readonly traceHeader?: string;
  readonly sentAt: number;
  readonly senderId: string;
  /** From when on it can be received. */
  readonly visibleAt: number;
  readonly receiveCount: number;
  readonly firstReceivedAt?: number;
  /** The handle of the last receive; older ones delete nothing. */
  readonly receipt?: string;
  /** The queue a dead letter came from. */
  readonly deadLetterOf?: string;
}
