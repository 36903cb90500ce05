/** What a deployment says as it goes, counted in resources. */

import type { ResourceEvent } from './watch-stack.ts';

export interface DeployProgress {
  /** One line for a person. */
  readonly says: string;
  /** Resources that are as declared, of all that are declared. */
  readonly done: number;
  readonly of: number;
  /** The resource event behind the line, when there is one. */
  readonly event?: ResourceEvent;
  /** The stack that came to its end with this line. */
  readonly ended?: { readonly region: string; readonly stackName: string; readonly outcome: string };
}

export class Progress {
  readonly #of: number;
  readonly #listener: (progress: DeployProgress) => void;
  readonly #settled = new Set<string>();
  #unchanged = 0;

  constructor(of: number, listener: (progress: DeployProgress) => void) {
    this.#of = of;
    this.#listener = listener;
  }

  say(says: string, more: Pick<DeployProgress, 'event' | 'ended'> = {}): void {
    const done = Math.min(this.#of, this.#settled.size + this.#unchanged);
    this.#listener({ says, done, of: this.#of, ...more });
  }

  event(event: ResourceEvent): void {
    const { logicalId, reason, region, stackName, status } = event;
    const isStack = event.type === 'AWS::CloudFormation::Stack';
    const id = `${region}/${stackName}/${logicalId}`;
    if (!isStack && /^(CREATE|UPDATE)_COMPLETE$/.test(status)) this.#settled.add(id);
    const why = reason === undefined ? '' : `: ${reason}`;
    this.say(`${region} ${stackName}${isStack ? '' : `/${logicalId}`} ${status}${why}`, { event });
  }

  /** A whole stack is as declared; `resources` of it are counted, whatever was seen of them. */
  stackDone(region: string, stackName: string, resources: number, outcome: string): void {
    const seen = [...this.#settled].filter((id) => id.startsWith(`${region}/${stackName}/`));
    for (const id of seen) this.#settled.delete(id);
    this.#unchanged += resources;
    this.say(`${region} ${stackName} ${outcome}`, { ended: { region, stackName, outcome } });
  }
}
