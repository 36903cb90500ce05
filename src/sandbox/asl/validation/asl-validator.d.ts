/** The part of asl-validator (which ships no types) that is used here. */

declare module 'asl-validator' {
  interface Judgement {
    readonly 'Error code'?: string;
    readonly Message: string;
    readonly schemaError?: { readonly instancePath: string };
  }

  function validator(
    definition: object,
    options?: { readonly checkPaths: boolean; readonly checkArn: boolean },
  ): { readonly isValid: boolean; readonly errors: readonly Judgement[] };

  export = validator;
}
