/** What is known of a function version when it runs: everything a host is started from. */

export interface FunctionImage {
  readonly region: string;
  readonly name: string;
  /** With its version, without an alias. */
  readonly arn: string;
  /** `$LATEST` or a number. */
  readonly version: string;
  /** Changes with each change of code or configuration: a host serves one revision. */
  readonly revision: string;
  readonly folder: string;
  readonly handler: string;
  readonly runtime: string;
  readonly role: string;
  readonly timeoutSeconds: number;
  readonly memoryMegabytes: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly logGroup: string;
  readonly vpc?: { readonly subnetIds: readonly string[]; readonly securityGroupIds: readonly string[] } | undefined;
}

export interface Invocation {
  readonly requestId: string;
  /** JSON text. */
  readonly payload: string;
  /** The ARN that was invoked, with version or alias. */
  readonly invokedArn: string;
  /** JSON text. */
  readonly clientContext?: string | undefined;
}

export interface Outcome {
  /** JSON text: the handler's result, or the error as `{errorType, errorMessage, trace}`. */
  readonly payload: string;
  readonly functionError: boolean;
  /** What the invocation wrote, with its START, END and REPORT lines. */
  readonly log: string;
  /** Milliseconds of AWS time. */
  readonly duration: number;
}

/** Whatever runs functions: the pool of processes, or a test's own code. */
export interface FunctionRunner {
  /** Runs one invocation to its outcome. Never settles when the Region goes dark meanwhile. */
  invoke(image: FunctionImage, invocation: Invocation): Promise<Outcome>;
  /** The function changed or is gone: older revisions aren't needed any more. */
  retire(region: string, name: string): void;
  /** Every process of the Region was killed. */
  regionDark(region: string): void;
  close(): Promise<void>;
}
