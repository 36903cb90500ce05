/** What the small app's function runs. */

/** @param {unknown} event */
export const handler = async (event) => event;
