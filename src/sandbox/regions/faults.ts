/** What can be done to Regions and to the links between them. */

import type { Place, Service } from '../contract.ts';
import type { Links } from '../network/links.ts';
import type { Region } from './region.ts';

export interface Faults {
  /** Every process of the Region is killed and everything addressed to it hangs. Settles when no process is left. */
  goDark(region: string): Promise<void>;
  /** Power and network return, services start again what they keep running, then the Region's time goes on. */
  bringBack(region: string): Promise<void>;
  /** Packets from one place to another are lost; the way back is open unless it is cut too. */
  partition(from: Place, to: Place): void;
  heal(from: Place, to: Place): void;
  /** One-way delay, in milliseconds of AWS time. */
  setDelay(from: Place, to: Place, milliseconds: number): void;
}

export function faultsOf(options: {
  readonly regions: ReadonlyMap<string, Region>;
  readonly links: Links;
  readonly services: () => readonly Service[];
  /** Told after anything of this changed what is dark, cut or slow. */
  readonly onChange?: () => void;
}): Faults {
  const changed = () => options.onChange?.();
  const { links } = options;
  const regionNamed = (name: string): Region => {
    const region = options.regions.get(name);
    if (region === undefined) {
      throw new RangeError(
        `No such Region: ${name}. Regions of this sandbox: ${[...options.regions.keys()].join(', ')}.`,
      );
    }
    return region;
  };
  return {
    async goDark(name) {
      const region = regionNamed(name);
      if (region.dark) return;
      // Silence first: nobody may see a connection closed by a dying process.
      links.setDark(name, true);
      const off = region.powerOff();
      changed();
      await off;
      for (const service of options.services()) await service.regionDark?.(name);
    },
    async bringBack(name) {
      const region = regionNamed(name);
      if (!region.dark) return;
      region.powerOn();
      links.setDark(name, false);
      changed();
      for (const service of options.services()) {
        // It went dark again while it was coming back.
        if (region.dark) return;
        await service.regionBack?.(name);
      }
      if (!region.dark) region.resume();
    },
    partition(from, to) {
      links.cut(from, to);
      changed();
    },
    heal(from, to) {
      links.mend(from, to);
      changed();
    },
    setDelay(from, to, milliseconds) {
      links.setDelay(from, to, milliseconds);
      changed();
    },
  };
}
