/** The rows EC2 keeps of images, snapshots, launch templates and instances. Times in milliseconds of AWS time. */

import type { RequestLaunchTemplateData } from '@aws-sdk/client-ec2';
import type { SandboxCore, Table } from '../../contract.ts';

export interface SnapshotRow {
  readonly id: string;
  /** The volume it was taken of: what decides whether a copy can be incremental. */
  readonly volumeId: string;
  readonly state: 'pending' | 'completed' | 'error';
  readonly description: string;
  readonly encrypted: boolean;
  readonly kmsKeyId?: string;
  readonly startedAt: number;
  readonly completedAt?: number;
  readonly ownerId: string;
  /** The data. Absent: an empty disk. */
  readonly folder?: string;
  /** Whether the folder is the sandbox's own, to be removed with the snapshot. */
  readonly owned: boolean;
}

export interface ImageRow {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly state: 'pending' | 'available' | 'failed';
  readonly failure?: string;
  readonly createdAt: number;
  readonly ownerId: string;
  readonly isPublic: boolean;
  readonly snapshotId: string;
  /** The program an instance of it starts; empty for the stock image. On AWS this is what the image's init system starts. */
  readonly command: readonly string[];
  readonly sourceImageId?: string;
  readonly sourceImageRegion?: string;
  readonly sourceInstanceId?: string;
  readonly lastLaunchedAt?: number;
  /** Why the copy will fail: it can't use a key. */
  readonly keyProblem?: string;
}

export interface LaunchTemplateRow {
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly defaultVersion: number;
  readonly latestVersion: number;
  readonly versions: readonly LaunchTemplateVersionRow[];
}

export interface LaunchTemplateVersionRow {
  readonly number: number;
  readonly description?: string;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly data: RequestLaunchTemplateData;
}

export type InstanceState = 'pending' | 'running' | 'shutting-down' | 'terminated' | 'stopping' | 'stopped';

export interface InstanceRow {
  readonly id: string;
  readonly reservationId: string;
  readonly requester: string;
  readonly clientToken?: string;
  readonly launchIndex: number;
  readonly imageId: string;
  /** The image's program and data, as they were at launch. */
  readonly command: readonly string[];
  readonly imageFolder?: string;
  /** Whether its disk holds all of the image. */
  readonly diskFilled?: boolean;
  readonly instanceType: string;
  readonly state: InstanceState;
  /** Why it left `running`, with AWS's code. */
  readonly reason?: { readonly code: string; readonly message: string };
  readonly launchedAt: number;
  readonly vpcId: string;
  readonly subnetId: string;
  readonly zone: string;
  readonly groupIds: readonly string[];
  readonly interfaceId: string;
  readonly privateAddress: string;
  readonly publicAddress?: string;
  /** The 127/8 address its program listens on and calls from. */
  readonly address: string;
  readonly volumeId: string;
  readonly encrypted: boolean;
  readonly kmsKeyId?: string;
  /** Why its disk's key can't be used: it never comes up. */
  readonly keyProblem?: string;
  readonly profileArn?: string;
  readonly userData?: string;
  /** When its user data had run; it runs once. */
  readonly userDataAt?: number;
  readonly keyName?: string;
  readonly terminationProtected: boolean;
  readonly monitoring: boolean;
  readonly tokensRequired: boolean;
  /** Rises with each boot: a timer of an earlier boot knows itself outdated. */
  readonly boot: number;
  /** `initializing` until the boot is over, then `ok`; `impaired` when its program ended by itself. */
  readonly status: 'initializing' | 'ok' | 'impaired';
  /** Launched from an image that was broken: its program comes up and never answers, at every boot. */
  readonly hangs: boolean;
}

export interface MachineTables {
  readonly snapshots: Table<SnapshotRow>;
  readonly images: Table<ImageRow>;
  readonly launchTemplates: Table<LaunchTemplateRow>;
  readonly instances: Table<InstanceRow>;
  /** By instance type: how many may be pending or running at once. A type without a row is unlimited. */
  readonly capacity: Table<number>;
}

export function machineTables(core: SandboxCore, region: string): MachineTables {
  return {
    snapshots: core.table('ec2', region, 'snapshots'),
    images: core.table('ec2', region, 'images'),
    launchTemplates: core.table('ec2', region, 'launch-templates'),
    instances: core.table('ec2', region, 'instances'),
    capacity: core.table('ec2', region, 'capacity'),
  };
}
