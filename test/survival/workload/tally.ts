/** A function with every kind of source that depends on the role of its Region. */
export const handler = async (): Promise<object> => ({ batchItemFailures: [] });
