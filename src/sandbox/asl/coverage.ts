/** What of the Amazon States Language is played, from the tables that play it. */

import { choiceOperators } from './choice-rules.ts';
import { statesErrors } from './errors.ts';
import { fieldsOf } from './fields.ts';
import { intrinsicNames } from './intrinsics.ts';
import { awsFunctionNames } from './jsonata-functions.ts';
import { refusedFields } from './validation/support.ts';

/** Lines of a Markdown document. */
export const aslCoverage = (): string[] => [
  `## Amazon States Language: ${Object.keys(fieldsOf).length} state types`,
  '',
  '| State | Fields | in JSONata | in JSONPath |',
  '|---|---|---|---|',
  ...Object.entries(fieldsOf).map(
    ([type, { both, jsonata, jsonpath }]) => `| ${type} | ${[both, jsonata, jsonpath].map(listed).join(' | ')} |`,
  ),
  '',
  'Variables, `Retry` with jitter and maximum delay, `Catch`, the context object, and both query languages in one machine. Express machines are refused.',
  '',
  `**JSONata**: every function of JSONata but \`$eval\`, and with AWS time and randomness ${awsFunctionNames.map((name) => `\`$${name}\``).join(', ')}.`,
  '',
  `**Intrinsic functions** (${intrinsicNames.length}): ${listed(intrinsicNames)}`,
  '',
  `**Choice operators**: And, Or, Not, ${listed(choiceOperators.kinds)}; these, and each as \`…Path\`: ${listed(choiceOperators.comparisons)}`,
  '',
  '**Errors** beside those of functions and services:',
  '',
  ...Object.entries(statesErrors).map(([name, when]) => `- \`${name}\`: ${when}`),
  '',
  '**Refused by name**:',
  '',
  ...[...new Set(Object.values(refusedFields))].map((what) => `- ${what}`),
  '- filter expressions in paths; activities, HTTP tasks, express child workflows, and resources that are not listed here',
  '',
];

const listed = (names: readonly string[]): string => (names.length === 0 ? '–' : names.join(', '));
