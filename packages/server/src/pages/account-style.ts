/** The style of the account pages, after the common one. Logical properties only. */
export const accountStyle = `
.account{inline-size:min(100%,66rem);margin-inline:auto;display:grid;grid-template-columns:11rem minmax(0,1fr);gap:2rem;padding:1.5rem clamp(.75rem,4vw,2rem) 3rem}
.account main{display:block;padding:0}
.account main>*+*{margin-block-start:1.5rem}
.account main>h1+p{margin-block-start:.5rem;color:var(--ink-dim)}
.account nav ul{position:sticky;inset-block-start:1.5rem}
.account nav a{display:block;padding:.5rem .75rem;border-inline-start:3px solid #0000;color:var(--ink-dim);text-decoration:none}
.account nav a:hover{color:var(--ink);border-color:var(--control)}
.account nav a[aria-current]{color:var(--ink);font-weight:600;border-color:var(--accent)}
.account form>input+:not(input){margin-block-start:0}
.top form{display:flex;align-items:center;gap:.75rem;min-inline-size:0}
.top form>*+*{margin-block-start:0}
.top .who{overflow-wrap:anywhere}
.foot nav{display:flex;gap:0 1rem}
.card{background:var(--surface);border-radius:var(--radius-large);box-shadow:0 0 0 1px var(--line)}
.card>header{display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:center;justify-content:space-between;padding:1rem 1.5rem .75rem}
.card>header p{flex-basis:100%;color:var(--ink-dim);font-size:.9375rem}
.card>.body{padding:.25rem 1.5rem 1.5rem;max-inline-size:34rem}
.card>.body>*+*{margin-block-start:1.5rem}
.card>.body:first-child{padding-block-start:1.5rem}
.things>li{display:grid;grid-template-columns:auto minmax(0,1fr) auto;gap:.25rem 1rem;align-items:center;padding:.75rem 1.5rem;border-block-start:1px solid var(--line)}
.things>li>svg{color:var(--ink-dim)}
.things .name{display:flex;flex-wrap:wrap;gap:.25rem .5rem;align-items:center;font-weight:600;overflow-wrap:anywhere}
.things .meta{color:var(--ink-dim);font-size:.9375rem}
.things .acts{display:flex;flex-wrap:wrap;gap:.25rem}
.things .acts form>*+*{margin-block-start:0}
.mark{display:inline-flex;align-items:center;gap:.375em;padding:.1em .55em;border-radius:99px;font-size:.75rem;font-weight:600;line-height:1.5;color:var(--ink-dim);background:var(--sunken);box-shadow:inset 0 0 0 1px var(--line)}
.mark.good{color:var(--good);background:var(--good-soft);box-shadow:none}
.mark.warn{color:var(--warn);background:var(--warn-soft);box-shadow:none}
.mark.accent{color:var(--accent);background:var(--accent-soft);box-shadow:none}
.mark.good::before,.mark.warn::before{content:"";inline-size:.5em;block-size:.5em;border-radius:50%;background:currentColor}
.mark.warn::before{border-radius:1px}
.btn.slim{min-block-size:2rem;padding:.25rem .75rem;font-size:.875rem}
.btn.quiet{border-color:#0000;background:none;color:var(--accent);padding-inline:.75rem}
.body>.quiet,.body form>.quiet{margin-inline-start:-.75rem}
.btn.quiet:hover{background:var(--accent-soft)}
.btn.quiet.ends{color:var(--ink-dim)}
.btn.quiet.ends:hover,.btn.quiet.ends:focus-visible{color:var(--danger);background:var(--danger-soft)}
.btn.danger{background:var(--danger);border-color:var(--danger);color:var(--surface)}
.btn.danger:hover{background:var(--surface);border-color:var(--danger);color:var(--danger)}
.note.good{border-color:var(--good);background:var(--good-soft)}
.note form,.note .row{margin-block-start:.75rem}
.account .narrow{max-inline-size:34rem}
.qr{display:block;inline-size:min(100%,15rem);block-size:auto;border-radius:var(--radius)}
.key{font-size:1rem;letter-spacing:.04em;overflow-wrap:anywhere}
.codes{display:grid;grid-template-columns:repeat(auto-fill,minmax(13rem,1fr));gap:.5rem 1.5rem}
.codes code{font-size:1.0625rem;letter-spacing:.03em}
.bullets{list-style:disc;padding-inline-start:1.25rem}
.bullets li+li{margin-block-start:.375rem}
@media (max-width:46rem){
.account{grid-template-columns:minmax(0,1fr);gap:1rem;padding-block-start:0}
.account nav{margin-inline:calc(-1*clamp(.75rem,4vw,2rem));padding-inline:.5rem;border-block-end:1px solid var(--line)}
.account nav ul{position:static;display:flex;flex-wrap:wrap}
.account nav a{border-inline-start:0;border-block-end:3px solid #0000}
.things>li{grid-template-columns:auto minmax(0,1fr);padding-inline:1rem}
.things .acts{grid-column:2;margin-inline-start:-.75rem}
.card>header,.card>.body{padding-inline:1rem}
.top .who{display:none}
}
@media (forced-colors:active){.mark,.card{border:1px solid}}
@media print{.account nav{display:none}.card{box-shadow:none;border:1px solid}}
`
