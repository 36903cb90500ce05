/** What a resource policy says so that nothing is asked of the resource without TLS. */

export const tlsOnly = (action: string, resource: string | readonly string[]) => ({
  Sid: 'TlsOnly',
  Effect: 'Deny',
  Principal: '*',
  Action: action,
  Resource: resource,
  Condition: { Bool: { 'aws:SecureTransport': 'false' } },
});
