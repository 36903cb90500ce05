/** The accounts of the service itself in every server. */

/** Answers only on the Unix socket, for the service. */
export const serviceUser = 'rdsadmin';
/** What replicas receive as. */
export const replicationUser = 'rdsrepladmin';
