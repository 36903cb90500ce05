/**
 * What is asked of a workload that was judged already. Apart from the schema, so that what is deployed carries none of it: a function
 * reads the workload that was judged when its bundle was made.
 */

import type { Workload } from './config.ts';

/** Which of the two places: fixed names, whatever is active. */
export type Side = 'primary' | 'recovery';
export const otherSide = (side: Side): Side => (side === 'primary' ? 'recovery' : 'primary');
export const regionOf = (workload: Workload, side: Side): string => workload[side].region;

export type Group = Workload['compute'][string];

/** The group that serves what no other does; there is exactly one. */
export function frontGroup(workload: Workload): Group & { readonly name: string } {
  const found = Object.entries(workload.compute).find(([, { serves }]) => serves === 'all');
  if (found === undefined) throw new Error('the config was accepted without a group that serves all');
  return { name: found[0], ...found[1] };
}

/** Where customers find the workload, if it is for Pilot Light to lead them there. */
export function publicName({ traffic }: Workload): { readonly zone: string; readonly name: string } | undefined {
  const { zone, name } = traffic;
  return zone === undefined || name === undefined ? undefined : { zone, name };
}

/** How customers speak to it. */
export const schemeOf = ({ traffic }: Workload): 'http' | 'https' =>
  traffic.certificates === undefined ? 'http' : 'https';

/** The root of the public name, `https://www.photos.example`, if there is one. */
export function customerUrl(workload: Workload): string | undefined {
  const { name } = workload.traffic;
  return name === undefined ? undefined : `${schemeOf(workload)}://${name}`;
}
