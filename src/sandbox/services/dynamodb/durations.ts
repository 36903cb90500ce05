/** How long DynamoDB takes, in milliseconds of AWS time. AWS publishes none of these: engineering estimates. */

export const durations = {
  createTable: 8_000,
  updateTable: 5_000,
  deleteTable: 4_000,
  createIndex: 120_000,
  createReplica: 90_000,
  /** Beside the link's own delay. "Typically within a second or less" (Developer Guide, "How DynamoDB global tables work"). */
  replicate: 600,
  replicateRetry: 2_000,
} as const;
