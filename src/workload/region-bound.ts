/** What templates write for one Region only (endpoints, bucket and queue names) stands under this, inside the workload's parameter path, and is never copied. */
export const regionBoundPrefix = 'region/';
