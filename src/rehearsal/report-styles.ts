/** The report's looks: light and dark, screen and paper. */
export const styles = `
:root{--ink:#1c2430;--soft:#5d6878;--line:#d9dfe7;--paper:#fff;--wash:#f5f7fa;--ok:#2f8f5b;--bad:#c8402f;--main:#1f4e8c;--beside:#a9bdd6}
@media (prefers-color-scheme:dark){:root{--ink:#e6eaf0;--soft:#9aa6b6;--line:#333c49;--paper:#161b22;--wash:#1e252e;--ok:#4fb57f;--bad:#e8705f;--main:#6ea3e6;--beside:#3c5475}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif}
main{max-width:1060px;margin:0 auto;padding:28px 20px 60px}
h1{font-size:27px;margin:2px 0 6px}h2{font-size:18px;margin:34px 0 8px;border-bottom:1px solid var(--line);padding-bottom:4px}h3{font-size:13px;margin:0;color:var(--soft);font-weight:600}
.eyebrow,.note{color:var(--soft);font-size:13px;margin:4px 0}
.badge{font-size:14px;padding:2px 10px;border-radius:12px;vertical-align:middle;color:#fff;background:var(--ok)}.badge.failed{background:var(--bad)}
.failures{color:var(--bad)}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(160px,1fr));gap:10px;margin-top:18px}
.card{background:var(--wash);border:1px solid var(--line);border-radius:8px;padding:10px 12px}
.card .value{font-size:22px;font-weight:650;margin:2px 0;font-variant-numeric:tabular-nums}
table{border-collapse:collapse;width:100%;font-size:14px}td,th{text-align:left;padding:3px 10px 3px 0;border-bottom:1px solid var(--line);vertical-align:top}
.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap;padding-right:14px}
.held{color:var(--ok);font-weight:600}.broken{color:var(--bad);font-weight:600}
.occasions td:first-child{width:34%}
.timeline td{font-size:13px}.timeline .moment td,.timeline .phase td{font-weight:600}.timeline .problem td{color:var(--bad)}
svg{width:100%;height:auto;display:block;margin:6px 0}svg text{font-size:11px;fill:var(--ink)}svg .took{fill:var(--soft)}
.traffic .ok{fill:var(--ok)}.traffic .bad{fill:var(--bad)}.traffic line{stroke:var(--soft);stroke-width:.7}.traffic .axis{stroke:var(--line)}.traffic text{font-size:9px;fill:var(--soft)}
.gantt .critical{fill:var(--main)}.gantt .beside{fill:var(--beside)}
code{font-size:13px}
@media print{main{max-width:none;padding:0}section{break-inside:avoid}}
`;
