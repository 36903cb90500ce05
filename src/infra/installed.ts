/** What the install function makes: a custom resource of which a template knows only that it is there. */

import { CfnResource } from 'aws-cdk-lib';
import type { InstallProperties } from '../functions/install.ts';
import type { SideStack } from './place.ts';

export function installed(stack: SideStack, id: string, properties: InstallProperties): CfnResource {
  const { place } = stack;
  return new CfnResource(stack, id, {
    type: 'Custom::PilotLightInstall',
    properties: { ServiceToken: place.arns.controlFunction(place.side, 'install'), ...properties },
  });
}
