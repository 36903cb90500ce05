/**
 * The parameters no template may own, because a failover, upkeep or their owners write them: the role of each Region, the image pointer
 * of each group, the application's own values. The install function makes each once; afterwards they are left as they are.
 */

import { CfnParameter, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { controlFunction } from '../control-function.ts';
import { installed } from '../installed.ts';
import type { Home, PartProps } from '../part.ts';
import { idOf, Part } from '../part.ts';
import type { Roles } from './roles.ts';

/** Where a group's first image in the recovery Region comes from: it is there only to be replaced by the first copy. */
const stockImage = '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64';

export interface ParametersProps extends PartProps {
  /** The roles, which functions know by name alone. */
  readonly roles: Roles;
}

export class Parameters extends Part {
  constructor(scope: Construct, id: string, props: ParametersProps) {
    super(scope, id, props);
    this.needs(props.roles.home);
    for (const side of ['recovery', 'primary'] as const) parametersIn(this.homeOn(side));
  }
}

function parametersIn(home: Home): void {
  const { names, workload, side } = home.place;
  const install = controlFunction(home, 'install');
  const make = (id: string, name: string, value: string, dataType?: string): void => {
    installed(home, id, {
      Kind: 'parameter',
      Name: name,
      Value: value,
      Type: 'String',
      ...(dataType === undefined ? {} : { DataType: dataType }),
    }).addResourceDependency(install);
  };
  make('Role', names.roleParameter, side === 'primary' ? 'active' : 'standby');
  for (const [group, { image }] of Object.entries(workload.compute)) {
    const first = side === 'primary' ? image : stockImageIn(Stack.of(home));
    make(`${idOf(group)}Image`, names.imageParameter(group), first, 'aws:ec2:image');
  }
  if (side === 'recovery') {
    installed(home, 'ApprovalKey', { Kind: 'key', Name: names.approvalKey }).addResourceDependency(install);
    return;
  }
  for (const [name, value] of Object.entries(workload.parameters.values))
    make(`Value-${name}`, `${names.parameterPath}${name}`, value);
}

function stockImageIn(stack: Stack): string {
  const known = stack.node.tryFindChild('StockImage');
  const found =
    known instanceof CfnParameter
      ? known
      : new CfnParameter(stack, 'StockImage', { type: 'AWS::SSM::Parameter::Value<String>', default: stockImage });
  return found.valueAsString;
}
