import { accountStyle } from './account-style.ts'
import type { WideStyle } from './page.ts'
import { welcomeStyle } from './welcome-style.ts'

/**
 * The style sheet of pages of two parts. Logical properties only, so that it serves both directions.
 * Why: it is one text that each page holds, so that a page needs one request and the policy names one hash.
 */
export function createStyle(theme: string): string {
  return packStyle(`:root{${tokens}}${theme}${base}${frame}${form}${notices}${exceptions}`)
}

/** The style sheet of one kind of wide pages: the common one, and what only they need. */
export function createWideStyle(theme: string, style: WideStyle): string {
  return createStyle(theme) + packStyle(wideStyles[style])
}

const wideStyles: Readonly<Record<WideStyle, string>> = {
  account: accountStyle,
  welcome: welcomeStyle,
}

/** Removes the line breaks and indents of the source. No text of the sheet holds two spaces. */
function packStyle(source: string): string {
  return source
    .split('\n')
    .map((line) => line.trim())
    .join('')
}

const tokens = `
color-scheme:light dark;
--accent:light-dark(#0a6070,#63c9d7);
--accent-strong:light-dark(#084b58,#8fdfe9);
--on-accent:light-dark(#fff,#05191d);
--accent-soft:light-dark(#e1f0f2,#10303a);
--panel:#0c3a45;
--on-panel:#eaf6f8;
--on-panel-dim:#abd0d7;
--panel-line:#8fdfe914;
--page:light-dark(#f2f6f6,#0b1214);
--surface:light-dark(#fff,#121c1f);
--sunken:light-dark(#ebf1f1,#0e171a);
--ink:light-dark(#10201f,#e6eff0);
--ink-dim:light-dark(#465a60,#a5b8bd);
--line:light-dark(#bccacd,#32464c);
--control:light-dark(#71858b,#6f868c);
--danger:light-dark(#b0261e,#ff9c91);
--danger-soft:light-dark(#fdecea,#341714);
--warn:light-dark(#8a5700,#f0bd5c);
--warn-soft:light-dark(#fff2d6,#2f2410);
--good:light-dark(#1a6b36,#7fd39a);
--good-soft:light-dark(#e3f4e6,#12291a);
--focus:light-dark(#0a6070,#8fdfe9);
--radius:7px;
--radius-large:12px;
--font:system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Helvetica Neue",Arial,sans-serif;
--mono:ui-monospace,"SF Mono","Cascadia Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;
--target:2.75rem;
`

const base = `
*,::before,::after{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;min-block-size:100dvb;display:flex;flex-direction:column;background:var(--page);color:var(--ink);font:1rem/1.5 var(--font);overflow-wrap:break-word}
h1,h2,p,ul,dl,dd{margin:0;padding:0}
ul{list-style:none}
h1{font-size:1.5rem;line-height:1.2;font-weight:600;letter-spacing:-.015em;text-wrap:balance}
h2{font-size:1rem;font-weight:600}
b{font-weight:600}
code{font-family:var(--mono);font-size:.89em}
bdi,code{unicode-bidi:isolate}
a{color:var(--accent);text-underline-offset:.18em;text-decoration-thickness:1px}
a:hover{color:var(--accent-strong);text-decoration-thickness:2px}
time{font-variant-numeric:tabular-nums}
svg{flex:none}
[hidden]{display:none!important}
:focus-visible{outline:3px solid var(--focus);outline-offset:2px;border-radius:4px}
.dim{color:var(--ink-dim)}
.small{font-size:.9375rem}
.skip{position:absolute;inset-block-start:-5rem;inset-inline-start:1rem;z-index:1;padding:.5rem 1rem;background:var(--accent);color:var(--on-accent);border-radius:var(--radius)}
.skip:focus{inset-block-start:.75rem;color:var(--on-accent)}
.away{position:absolute;inline-size:1px;block-size:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
`

/** The frame of a page, and the two parts that meet at a cut edge: the place that asks and the answer. */
const frame = `
.top{display:flex;align-items:center;justify-content:space-between;gap:1rem;padding:1rem clamp(1rem,4vw,2rem)}
.brand{display:inline-flex;align-items:center;gap:.55rem;color:inherit;font-weight:600;letter-spacing:-.01em}
.brand svg{inline-size:1.375rem;block-size:1.375rem;color:var(--accent)}
.top nav{display:flex;flex-wrap:wrap;gap:0 1rem}
.top nav a,.foot a{display:inline-block;padding-block:.375rem}
.foot{margin-block-start:auto;padding:1.25rem clamp(1rem,4vw,2rem);display:flex;flex-wrap:wrap;align-items:center;gap:.25rem 1.5rem;font-size:.9375rem;color:var(--ink-dim)}
.foot a{color:inherit}
main{flex:1;display:grid;align-content:start;justify-content:center;grid-template-columns:minmax(0,53rem);padding:clamp(.25rem,5vw - 1rem,3rem) clamp(.75rem,4vw,2rem) 2rem}
.pair{display:grid;grid-template-columns:18.5rem minmax(0,1fr);overflow:clip;background:var(--surface);border-radius:var(--radius-large);box-shadow:0 0 0 1px var(--line),0 8px 24px -8px light-dark(#10201f24,#000a)}
.panel{color-scheme:dark;display:flex;flex-direction:column;gap:.75rem;padding-block:2rem 1.5rem;padding-inline:1.5rem 2rem;color:var(--on-panel);background:repeating-radial-gradient(circle at 50% 128%,#0000 0 13px,var(--panel-line) 13.5px 14px,#0000 14.5px),repeating-radial-gradient(circle at 18% 135%,#0000 0 17px,var(--panel-line) 17.5px 18px,#0000 18.5px),var(--panel)}
.panel p{font-size:.9375rem;color:var(--on-panel-dim)}
.panel .place{font-size:1.5rem;line-height:1.2;font-weight:600;letter-spacing:-.015em;color:var(--on-panel)}
.panel .host{font-family:var(--mono);font-size:.8125rem;overflow-wrap:anywhere}
.panel .aside{margin-block-start:auto;padding-block-start:1.5rem}
.panel bdi{color:var(--on-panel);font-weight:600;overflow-wrap:anywhere}
.panel .host bdi{color:inherit;font-weight:400}
.answer{position:relative;padding:2rem clamp(1.25rem,5vw,3rem)}
.answer::before{content:"";position:absolute;inset-block:0;inset-inline-start:-7px;inline-size:8px;background:conic-gradient(from 45.5deg at 0 50%,var(--surface) 89deg,#0000 90deg) 0 0/8px 16px}
.answer:dir(rtl)::before{background-image:conic-gradient(from 225.5deg at 100% 50%,var(--surface) 89deg,#0000 90deg)}
.answer>*+*,form>*+*{margin-block-start:1.5rem}
.answer>h1+p{margin-block-start:.5rem;color:var(--ink-dim)}
.facts{display:grid;grid-template-columns:minmax(7rem,max-content) minmax(0,1fr);gap:.5rem 1.5rem;font-size:.9375rem}
.facts dt{color:var(--ink-dim)}
.facts dd{overflow-wrap:anywhere}
`

const form = `
.field>label{font-weight:600}
.field>label,.line>label{display:block;font-weight:600}
.line{display:flex;flex-wrap:wrap;justify-content:space-between;align-items:baseline;gap:0 1rem}
.line a{font-size:.9375rem}
.hint{font-size:.9375rem;color:var(--ink-dim)}
.wrong{font-size:.9375rem;font-weight:600;color:var(--danger);margin-block-start:.25rem}
.field>input,.joined{margin-block-start:.5rem}
input{font:inherit;color:var(--ink)}
input:not([type=checkbox]){inline-size:100%;min-block-size:var(--target);padding:.5rem .75rem;background:var(--surface);border:1px solid var(--control);border-radius:var(--radius)}
input[dir=auto]{text-align:match-parent}
input:hover{border-color:var(--ink-dim)}
input:not([type=checkbox]):focus-visible{outline-offset:1px;border-radius:var(--radius)}
input[aria-invalid=true]{border:2px solid var(--danger)}
.joined{position:relative}
.joined>input:not(:only-child){padding-inline-end:6.5rem}
.joined>button{position:absolute;inset-block:4px;inset-inline-end:4px;padding-inline:.75rem;border:0;border-radius:4px;background:var(--sunken);color:var(--accent);font:600 .9375rem/1 var(--font);cursor:pointer}
.joined>button:hover{background:var(--accent-soft)}
input.code{font-family:var(--mono);font-size:1.375rem;letter-spacing:.12em;max-inline-size:20rem}
summary{cursor:pointer;padding-block:.375rem;color:var(--accent)}
details li a{display:inline-block;padding-block:.375rem}
.tick{display:grid;grid-template-columns:1.5rem minmax(0,1fr);gap:0 .75rem;align-items:start}
.tick input{inline-size:1.5rem;block-size:1.5rem;margin:0;accent-color:var(--accent)}
.tick label{padding-block-end:.125rem}
.tick .hint{grid-column:2}
.btn{display:inline-flex;align-items:center;justify-content:center;min-block-size:var(--target);padding:.5rem 1.125rem;font:600 1rem/1.2 var(--font);text-align:center;text-decoration:none;cursor:pointer;border:1px solid var(--control);border-radius:var(--radius);background:var(--surface);color:var(--ink)}
.btn:hover{border-color:var(--ink-dim);background:var(--sunken);color:var(--ink)}
.btn.first{background:var(--accent);border-color:var(--accent);color:var(--on-accent)}
.btn.first:hover{background:var(--accent-strong);border-color:var(--accent-strong);color:var(--on-accent)}
.btn:focus-visible{border-radius:var(--radius)}
.wide{inline-size:100%}
input.away{inline-size:1px;min-block-size:1px;padding:0}
.row{display:flex;flex-wrap:wrap;gap:.75rem}
.btn svg{margin-inline-end:.5rem}
.or{display:flex;align-items:center;gap:.75rem;font-size:.9375rem;color:var(--ink-dim)}
.or::before,.or::after{content:"";flex:1;border-block-start:1px solid var(--line)}
.row.even>*{flex:1 1 8rem}
.scopes{margin-block-start:.5rem;border-block-end:1px solid var(--line)}
.scopes li{display:flex;gap:.75rem;padding-block:.625rem;border-block-start:1px solid var(--line);overflow-wrap:anywhere}
.scopes li::before{content:"";flex:none;inline-size:.4rem;block-size:.8rem;margin:.2rem .2rem 0;border:solid var(--accent);border-width:0 2px 2px 0;rotate:45deg}
.link{border:0;padding:0;background:none;font:inherit;color:var(--accent);text-decoration:underline;text-underline-offset:.18em;cursor:pointer;min-block-size:1.5rem}
.link:hover{color:var(--accent-strong);text-decoration-thickness:2px}
.inline{display:flex;flex-wrap:wrap;align-items:baseline;gap:0 .75rem;color:var(--ink-dim)}
.inline>*+*{margin:0}
.answer>h1+.inline{margin-block-start:.5rem}
.marks{display:flex;flex-wrap:wrap;gap:.5rem}
.mark{padding:.125rem .625rem;border-radius:1rem;background:var(--warn-soft);color:var(--warn);font-size:.8125rem;font-weight:600}
`

const notices = `
.note{padding:.75rem 1rem;border-inline-start:4px solid var(--accent);border-start-end-radius:var(--radius);border-end-end-radius:var(--radius);background:var(--accent-soft);font-size:.9375rem}
.note.warn{border-color:var(--warn);background:var(--warn-soft)}
.note b{display:block}
.answer form>.says,.account form>.says{margin:0}
.says>*{margin-block-start:1.5rem}
.summary{padding:1rem;border:2px solid var(--danger);border-radius:var(--radius);background:var(--danger-soft)}
.summary li{margin-block-start:.25rem}
.summary a{color:var(--danger);font-weight:600}
.summary:focus{outline:3px solid var(--focus);outline-offset:2px;border-radius:var(--radius)}
`

const exceptions = `
@media (max-width:46rem){
.pair{grid-template-columns:minmax(0,1fr);inline-size:min(100%,30rem);margin-inline:auto}
.panel{padding:1rem 1.25rem 1.375rem;gap:.25rem}
.panel .place{font-size:1.1875rem}
.panel .aside{display:none}
.answer{padding-block:1.5rem 2rem}
.answer::before,.answer:dir(rtl)::before{inset-block:-7px auto;inset-inline:0;inline-size:auto;block-size:8px;background:conic-gradient(from 135.5deg at 50% 0,var(--surface) 89deg,#0000 90deg) 50% 0/16px 8px}
.facts{grid-template-columns:minmax(0,1fr);gap:0}
.facts dd{margin-block-end:.75rem}
}
@media (prefers-contrast:more){:root{--line:var(--ink-dim);--control:var(--ink);--ink-dim:var(--ink)}}
@media (prefers-reduced-motion:no-preference){.btn,input{transition:background-color 120ms,border-color 120ms}}
@media (forced-colors:active){.btn,.pair,.note{border:1px solid}.answer::before{display:none}}
@media print{.top,.foot,.btn{display:none}.pair{box-shadow:none;border:1px solid}}
`
