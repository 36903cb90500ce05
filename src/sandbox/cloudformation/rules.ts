/** Rules: assertions on parameters, checked before anything is created (CDK's `CheckBootstrapVersion`). */

import { holds } from './conditions.ts';
import { validationError } from './errors.ts';
import type { Scope } from './intrinsics.ts';
import type { JsonObject } from './json.ts';
import { asText, isList, isObject } from './json.ts';

export function checkRules(rules: Readonly<Record<string, JsonObject>>, scope: Scope): void {
  for (const [name, rule] of Object.entries(rules)) {
    const path = `Rules/${name}`;
    const condition = rule.RuleCondition;
    if (condition !== undefined && !holds(condition, scope, path)) continue;
    const assertions = rule.Assertions;
    for (const assertion of isList(assertions) ? assertions : []) {
      if (!isObject(assertion)) throw validationError('Template format error: an assertion must be an object', path);
      if (!holds(assertion.Assert ?? null, scope, path)) {
        throw validationError(
          `Template Error: Rule ${name} failed: ${asText(assertion.AssertDescription ?? 'assertion failed')}`,
        );
      }
    }
  }
}
