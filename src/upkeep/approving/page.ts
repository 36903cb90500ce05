/** The pages of a request's link: one file each, no script, nothing fetched from anywhere. */

import { createHash } from 'node:crypto';
import type { ApprovalRequest } from '../../plan/approval.ts';
import { tolerance, usableFor } from '../../plan/approval.ts';
import { quoteInWords } from './words.ts';

const style = `
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; --faint: #57606a; --line: #d0d7de; --go: #0b5cad; --on: #fff; --bad: #b3261e; --ok: #1a7f37 }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --paper: #0d1117; --faint: #9198a1; --line: #3d444d; --go: #79b8ff; --on: #0d1117; --bad: #ff8a80; --ok: #56d364 } }
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif }
main { max-width: 44rem; margin: 0 auto; padding: 1.5rem 1.25rem 3rem }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .5rem } h2 { font-size: 1.05rem; margin: 1.75rem 0 .5rem }
p, ul, table { margin: .5rem 0 } ul { padding-left: 1.25rem }
.lead { font-size: 1.125rem } .faint { color: var(--faint) }
.loss { border-left: .25rem solid var(--line); padding: .25rem 0 .25rem 1rem } .beyond { border-color: var(--bad) }
table { border-collapse: collapse; width: 100%; font-size: .9375rem } th, td { text-align: left; padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere } th { font-weight: 600 }
.failed { color: var(--bad); font-weight: 600 } .well { color: var(--ok) }
label { display: block; margin: .75rem 0 .25rem; font-weight: 600 }
input { width: 100%; font: inherit; color: inherit; background: transparent; padding: .5rem .625rem; border: 1px solid var(--faint); border-radius: .375rem }
.choice { display: flex; flex-wrap: wrap; gap: .75rem; margin-top: 1.25rem }
button { font: inherit; font-weight: 600; padding: .625rem 1.25rem; border-radius: .375rem; border: 1px solid var(--go); background: transparent; color: var(--go); cursor: pointer }
button.go { background: var(--go); color: var(--on) }
:focus-visible { outline: 3px solid var(--go); outline-offset: 2px }
code { font-size: .9em; overflow-wrap: anywhere }
[role=alert] { border: 1px solid var(--bad); border-radius: .375rem; padding: .5rem .75rem }
`;

const digest = createHash('sha256').update(style).digest('base64');

export const pageHeaders: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${digest}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'x-robots-tag': 'noindex, nofollow',
};

/**
 * Everything a person needs to decide. The first button of a form is the one that Enter presses in a field: here one that does nothing.
 * `problem` is what was wrong with the form.
 */
export function askingPage(workload: string, request: ApprovalRequest, problem?: string): string {
  const { evidence, expiresAt, id, ordinal, quote, sentence, since } = request;
  return page(
    `${workload}: a failover waits for you`,
    `<h1>${safe(workload)}: a failover waits for you</h1>
<p class="lead">${safe(capital(sentence))}.</p>
<p class="faint">Since ${time(since)}. Request <code>${safe(id)}</code>${ordinal > 1 ? `, number ${ordinal} about this` : ''}. It can be decided until <strong>${time(expiresAt)}</strong>.</p>
${problem === undefined ? '' : `<p role="alert">${safe(problem)}</p>`}
<h2>What failing over would lose</h2>
<div class="loss${quote.within ? '' : ' beyond'}">${quoteInWords(quote).map(paragraph).join('\n')}
<p class="faint">As of ${time(quote.at)}.</p></div>
<h2>What was seen</h2>
<table><thead><tr><th scope="col">Observer</th><th scope="col">Says</th><th scope="col">What it saw</th></tr></thead><tbody>
${evidence.map(({ observer, seen, verdict }) => `<tr><td>${safe(observer)}</td><td class="${safe(verdict)}">${safe(verdict)}</td><td>${safe(seen)}</td></tr>`).join('\n')}
</tbody></table>
<h2>What approving does</h2>
<ul>
<li>The failover begins within seconds, if this is still what is found: the recovery Region becomes the active one, its database is promoted, customers are led there, and the old primary is fenced.</li>
<li>It takes its own quote first. Where that is worse than the one above by more than ${tolerance.seconds} s or a quarter, or beyond the objective when this one isn’t, it stops before anything is moved, and you are asked anew.</li>
<li>There is no way back but a failback, which takes hours. What isn’t begun within ${usableFor / 60_000} minutes isn’t begun on this approval.</li>
</ul>
<p>Declining leaves everything as it is: this finding is held to be known, and nobody is asked about it again.</p>
<h2>Your decision</h2>
<form method="post" autocomplete="off">
<button disabled hidden></button>
<label for="by">Your name</label>
<input id="by" name="by" required maxlength="60" aria-describedby="by-note">
<p class="faint" id="by-note">Recorded as you write it. Nobody checks it: whoever has the link can decide.</p>
<label for="why">Why (optional)</label>
<input id="why" name="why" maxlength="200">
<div class="choice"><button class="go" name="decision" value="approve">Approve the failover</button>
<button name="decision" value="decline">Decline</button></div>
</form>
<h2>What the quote can’t know</h2>
<ul class="faint">${quote.unknown.map((one) => `<li>${safe(one)}</li>`).join('\n')}</ul>`,
  );
}

/** One thing that has to be said. */
export const notePage = (title: string, text: string): string =>
  page(
    title,
    `<h1>${safe(title)}</h1>\n<p class="lead">${safe(text)}</p>\n<p class="faint">You can close this page.</p>`,
  );

const page = (title: string, body: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${safe(title)}</title>
<style>${style}</style>
</head>
<body><main>
${body}
</main></body>
</html>
`;

const paragraph = (text: string): string => `<p>${safe(text)}</p>`;

/** `28 Nov 2026, 14:03:12 UTC`, readable by machines too. */
function time(at: number): string {
  const iso = new Date(at).toISOString();
  return `<time datetime="${iso}">${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC</time>`;
}

const capital = (text: string): string => `${text[0]?.toUpperCase() ?? ''}${text.slice(1)}`;

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const safe = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);
