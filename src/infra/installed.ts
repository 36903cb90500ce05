/** What the install function makes: a custom resource of which a template knows only that it is there. */

import { CfnResource } from 'aws-cdk-lib';
import type { InstallProperties } from '../functions/install.ts';
import type { Home } from './part.ts';

export function installed(home: Home, id: string, properties: InstallProperties): CfnResource {
  const { place } = home;
  return new CfnResource(home, id, {
    type: 'Custom::PilotLightInstall',
    properties: { ServiceToken: place.arns.controlFunction(place.side, 'install'), ...properties },
  });
}
