/** How long DynamoDB takes, in milliseconds of AWS time. AWS publishes none of these: engineering estimates. */

export const durations = {
  createTable: 8_000,
  updateTable: 5_000,
  deleteTable: 4_000,
  createIndex: 120_000,
  createReplica: 90_000,
  /** "Typically within a second" (DynamoDB Developer Guide, "Global tables: how it works"). */
  replicate: 700,
  replicateRetry: 2_000,
} as const;
