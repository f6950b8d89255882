/** The page's style: light and dark by the reader's preference, narrow screens, paper. */
export const style = `
:root{color-scheme:light dark;--ink:#1b1f24;--faint:#57606a;--ground:#fff;--card:#f6f8fa;--line:#d0d7de;--link:#0550ae;--good:#116329;--bad:#b3261e;--warn:#7d4e00;--used:#2f6fbf;--goodbg:#dafbe1}
@media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--faint:#9da7b3;--ground:#0d1117;--card:#161b22;--line:#30363d;--link:#79b8ff;--good:#56d364;--bad:#ff8a80;--warn:#e3b341;--used:#4f94e8;--goodbg:#033a16}}
*{box-sizing:border-box}
body{margin:0 auto;padding:1.5rem 1rem 4rem;max-width:72rem;font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;color:var(--ink);background:var(--ground)}
h1{font-size:1.8rem;line-height:1.2;margin:0 0 .3rem}h2{font-size:1.35rem;margin:2.5rem 0 .6rem;padding-top:.6rem;border-top:1px solid var(--line)}h3{font-size:1.1rem;margin:1.8rem 0 .4rem}h4{font-size:1rem;margin:0 0 .4rem}
h1,h2,h3,h4,dd,td,th,li,p{overflow-wrap:anywhere}
a{color:var(--link)}nav ul{display:flex;flex-wrap:wrap;gap:.3rem 1.2rem;padding:0;margin:.8rem 0;list-style:none}
code,dd,.grid{font-family:ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.88em}
.note,.small,small,caption,figcaption,dt{color:var(--faint)}.small{font-size:.9em}
.good{color:var(--good)}.bad{color:var(--bad);font-weight:600}
.facts{padding-left:1.2rem;margin:.3rem 0 .8rem;font-size:.95em}
dl.summary{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem}dl.summary dd{margin:0}
.scroll{overflow-x:auto;margin:.8rem 0;max-width:100%}.scroll:focus-visible,.packet:focus-visible,button:focus-visible,.hop:focus-visible,a:focus-visible{outline:3px solid var(--link);outline-offset:2px}
table{border-collapse:collapse;font-size:.93em}caption{text-align:left;padding:.2rem 0;font-size:.95em}
th,td{border-bottom:1px solid var(--line);padding:.3rem .9rem .3rem 0;text-align:left;vertical-align:top;overflow-wrap:normal}tbody th{font-weight:600}.n{text-align:right;font-variant-numeric:tabular-nums}
.grid th,.grid td{padding:.15rem .45rem;text-align:center}.grid tbody th{text-align:left;font-weight:400;white-space:nowrap;position:sticky;left:0;background:var(--ground)}.grid .every{background:var(--goodbg);color:var(--good)}.grid .some{color:var(--warn)}.grid .self{background:var(--line)}
.k{display:inline-block;min-width:1.6em;color:var(--faint);font-variant-numeric:tabular-nums}
.vh{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}.grid td,.grid th{position:relative}
.share{white-space:nowrap}.bar{width:7rem;height:.7rem;vertical-align:middle}.all{fill:var(--line)}.used{fill:var(--used)}.high .used{fill:var(--warn)}.full .used{fill:var(--bad)}
figure{margin:1rem 0}figcaption{margin-top:.3rem;font-size:.95em}.strip{display:block;width:100%;height:1.6rem}
img{max-width:100%;height:auto;display:block}.scroll img{max-width:none}
.findings{list-style:none;padding:0}.findings li{border-left:.3rem solid var(--faint);padding:.1rem .8rem;margin:.6rem 0;background:var(--card)}.findings p{margin:.3rem 0}.findings .error{border-color:var(--bad)}.findings .warning{border-color:var(--warn)}
button{font:inherit;color:var(--ink);background:var(--card);border:1px solid var(--faint);border-radius:.4rem;padding:.3rem .8rem;cursor:pointer;min-height:2.2rem}
button:disabled{color:var(--faint);border-color:var(--line);cursor:default}
.buttons{display:flex;flex-wrap:wrap;gap:.5rem;align-items:center}.play{min-width:5.5rem}output{font-variant-numeric:tabular-nums;padding-left:.5rem}
.track{display:flex;flex-wrap:wrap;gap:.25rem;list-style:none;padding:0;margin:.7rem 0}.track button{padding:.1rem;min-width:2.2rem;font-size:.85em}.track .reply{border-style:dashed}.track .dropped{border-color:var(--bad);color:var(--bad)}.track [aria-current]{background:var(--link);color:var(--ground);border-color:var(--link)}
.hops{list-style:none;padding:0;margin:0}.hop{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:.8rem 1rem;margin:.7rem 0}
.hop dl{margin:.4rem 0}.hop dl>div{display:grid;grid-template-columns:4.5rem 1fr;gap:.6rem}.hop dd{margin:0}
.packet{margin-top:.8rem;overflow-x:auto}.packet img{min-width:36rem;border:1px solid var(--line);border-radius:.3rem}
@media(prefers-reduced-motion:no-preference){.hop.now{animation:in .18s ease-out}@keyframes in{from{opacity:.3;transform:translateX(.6rem)}}}
@media(max-width:40rem){.grid tbody th{position:static;white-space:normal;min-width:9rem}body{padding:1rem .7rem 3rem}h1{font-size:1.45rem}.hop{padding:.6rem}.hop dl>div{grid-template-columns:3.6rem 1fr;gap:.4rem}.bar{width:4rem}dl.summary{grid-template-columns:1fr}dl.summary dd{margin-bottom:.4rem}}
@media print{:root{color-scheme:light;--ink:#000;--faint:#444;--ground:#fff;--card:#fff;--line:#bbb;--link:#000;--good:#0a4d1f;--bad:#9b0000;--warn:#6b4300;--used:#2f6fbf;--goodbg:#e6f7ea}
body{max-width:none;padding:0;font-size:10pt}nav,.player,.packet{display:none!important}.hop[hidden]{display:list-item!important}.hop,.findings li,figure,tr{break-inside:avoid}h2,h3,h4{break-after:avoid}.scroll{overflow:visible}.scroll img{max-width:100%}svg,.grid td,.findings li{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
`;
