/** The text of `Fn::Sub`: literals and `${names}`; `${!name}` is the literal `${name}`. */

export type Substitution =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'name'; readonly name: string };

export function substitutions(template: string): Substitution[] {
  const parts: Substitution[] = [];
  let end = 0;
  for (const match of template.matchAll(/\$\{([^}]*)\}/g)) {
    parts.push({ kind: 'literal', text: template.slice(end, match.index) });
    const name = (match[1] ?? '').trim();
    parts.push(name.startsWith('!') ? { kind: 'literal', text: `\${${name.slice(1)}}` } : { kind: 'name', name });
    end = match.index + match[0].length;
  }
  return [...parts, { kind: 'literal', text: template.slice(end) }];
}
