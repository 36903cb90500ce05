/** What EC2 needs of whatever runs its instances: real processes, or nothing at all on a virtual clock. */

/** Everything a machine needs to start; the disk is the folder. */
export interface BootSpec {
  readonly region: string;
  readonly instanceId: string;
  /** The 127/8 address the program is reached at and calls from. */
  readonly address: string;
  /** Whether the network lets a caller in on a port. */
  readonly admits: (sourceAddress: string, port: number) => boolean;
  /** The program's command line; empty for an image that serves nothing. */
  readonly command: readonly string[];
  readonly folder: string;
  readonly userData: string | undefined;
  /** Whether its user data hasn't run to its end yet. */
  readonly firstStart: boolean;
  /** Whether the program hangs before it serves anybody. */
  readonly hangs: boolean;
}

export interface Machinery {
  /**
   * Runs the user data of an instance that starts for the first time, then starts its program; settles once that is up. `onExit` is told
   * when the program ends by itself, `onUserData` how the user data ended, if there was any to run.
   */
  boot(spec: BootSpec, onExit: (how: string) => void, onUserData: (how: string) => void): Promise<void>;
  /** Ends the program, asking first; settles when it is gone. `forGood` also closes what the instance keeps open between boots. */
  halt(region: string, instanceId: string, forGood: boolean): Promise<void>;
  close(): Promise<void>;
}

/** Instances that are records only: for models on a virtual clock. */
export const noMachinery: Machinery = {
  boot: async () => {},
  halt: async () => {},
  close: async () => {},
};
