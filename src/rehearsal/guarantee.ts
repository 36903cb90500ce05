/** Which promise a failover gave about the old primary, from what its run recorded. */

/** The fact `fence` of a run. */
export type FenceFact =
  | { readonly kind: 'lease'; readonly lapsedAt: number; readonly why?: undefined }
  | { readonly kind: 'fenced'; readonly at: number; readonly why?: undefined }
  | { readonly kind: 'debt'; readonly why?: string };

export function guaranteeOf(fence: FenceFact | undefined): string {
  if (fence?.kind === 'lease')
    return 'lease: the old primary could not be written to from before the new one was, and nothing was routed to it';
  if (fence?.kind === 'fenced')
    return "fence: the old primary's writers were locked out before the new one was written to, and nothing was routed to it";
  return `debt: nothing is routed to the old primary; it could be written to by those already connected until it was fenced on return${
    fence?.why === undefined ? '' : ` (${fence.why})`
  }`;
}
