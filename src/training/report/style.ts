export const style = `
:root { color-scheme: light dark; --text: #1f2328; --quiet: #59636e; --back: #fff; --line: #d1d9e0; --cell: 9, 105, 218;
  --c0: #0969da; --c1: #bc4c00; --c2: #1a7f37; --c3: #8250df; --c4: #bf3989; --c5: #9a6700; --c6: #1b7c83; --c7: #57606a; }
@media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --quiet: #9198a1; --back: #0d1117; --line: #3d444d; --cell: 68, 147, 248;
  --c0: #4493f8; --c1: #f0883e; --c2: #3fb950; --c3: #ab7df8; --c4: #db61a2; --c5: #d29922; --c6: #39c5cf; --c7: #9198a1; } }
@media print { :root { color-scheme: light; --text: #000; --back: #fff; --quiet: #444; --line: #bbb; } section, figure, tr { break-inside: avoid; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1180px; padding: 24px 16px 64px; background: var(--back); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif; }
h1 { font-size: 24px; margin: 0 0 4px; } h2 { font-size: 19px; margin: 40px 0 8px; } h3 { font-size: 15px; margin: 20px 0 6px; }
.quiet { color: var(--quiet); } .scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 5px 12px 5px 0; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:first-child, td:first-child { text-align: left; } th { font-weight: 600; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr)); gap: 16px; }
figure { margin: 0; } figcaption { font-weight: 600; margin-bottom: 4px; } svg { max-width: 100%; height: auto; }
svg text { fill: var(--quiet); font-size: 12px; } .grid { stroke: var(--line); } .curve { fill: none; stroke-width: 2; }
.dashed { stroke-dasharray: 4 4; stroke-width: 1.5; }
.c0 { stroke: var(--c0); } .c1 { stroke: var(--c1); } .c2 { stroke: var(--c2); } .c3 { stroke: var(--c3); }
.c4 { stroke: var(--c4); } .c5 { stroke: var(--c5); } .c6 { stroke: var(--c6); } .c7 { stroke: var(--c7); }
.column { fill: var(--c0); } .few { fill-opacity: 0.35; } .diagonal { stroke: var(--text); stroke-dasharray: 4 4; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: 4px 20px; padding: 0; margin: 8px 0; }
.confusion td, .confusion th { padding: 4px; text-align: center; border: 1px solid var(--line); min-width: 52px; }
.confusion th:first-child { text-align: right; } .confusion .right { background: rgba(var(--cell), calc(var(--share) * 0.55)); }
.confusion img { display: block; margin: 2px auto 0; width: 44px; height: 44px; border-radius: 4px; }
.confusion .column { writing-mode: vertical-rl; transform: rotate(180deg); margin: 0 auto; }
.texts td { white-space: normal; vertical-align: top; } .texts td:first-child { min-width: 36ch; max-width: 80ch; overflow-wrap: anywhere; }
pre { overflow-x: auto; padding: 12px; border: 1px solid var(--line); border-radius: 6px; font: 13px/1.45 ui-monospace, Menlo, Consolas, monospace; }
details > summary { cursor: pointer; font-weight: 600; margin: 16px 0 4px; }
.analysis { max-width: 74ch; } .analysis blockquote { margin: 0; padding-left: 12px; border-left: 3px solid var(--line); color: var(--quiet); }
.analysis th, .analysis td { white-space: normal; }
.problem { border-left: 4px solid var(--c1); padding: 4px 12px; }
`;
