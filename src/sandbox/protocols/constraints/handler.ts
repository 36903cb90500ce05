/**
 * Refuses an input the service's model doesn't allow, before IAM is asked about resources it may not name. AWS itself (internal
 * principals) isn't held to it: what it calls with was checked when it was accepted.
 */

import { constraintsOf } from '../../../facts/constraints.ts';
import type { Handler } from '../../handler.ts';
import { refusalOf } from './refusals.ts';
import { violationsOf } from './violations.ts';

export const modelConstraints: Handler = ({ service, operation, input, principal }) => {
  if (principal.kind === 'internal') return undefined;
  const constraints = constraintsOf(service);
  const [first, ...others] = violationsOf(service, constraints, operation, input);
  if (first !== undefined) throw refusalOf(service)({ violations: [first, ...others], operation, constraints });
  return undefined;
};
