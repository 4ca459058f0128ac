/** The style of the welcome page of `dev`, after the common one. Logical properties only. */
export const welcomeStyle = `
ol,figure,pre,h3{margin:0;padding:0}
ol{list-style:none}
h3{font-size:1rem;font-weight:600}
.hello{display:block;inline-size:min(100%,68rem);margin-inline:auto;padding:1.5rem clamp(.75rem,4vw,2rem) 3rem}
.hello>*+*{margin-block-start:2rem}
.hello h1{font-size:clamp(1.5rem,1.2rem + 2vw,2.125rem);overflow-wrap:anywhere}
.hello h2{font-size:1.25rem;margin-block-end:1rem;letter-spacing:-.01em}
.hello header p+p,.hello h1+p{margin-block-start:.5rem;color:var(--ink-dim);max-inline-size:44rem}
.hello p bdi{direction:ltr;font-family:var(--mono);font-size:.89em;color:var(--ink);overflow-wrap:anywhere}
.live{display:inline-flex;align-items:center;gap:.625rem;font-size:.9375rem;font-weight:600;color:var(--good);margin-block-end:.5rem}
.hello .live bdi{font:inherit;color:inherit}
.live::before{content:"";inline-size:.625rem;block-size:.625rem;border-radius:50%;background:currentColor;box-shadow:0 0 0 4px var(--good-soft)}
.card{background:var(--surface);border-radius:var(--radius-large);box-shadow:0 0 0 1px var(--line)}
.flow{padding:1.5rem}
.flow svg{display:block;inline-size:100%;block-size:auto;direction:ltr}
.flow .narrow-flow{display:none}
.flow text{font:600 15px var(--font);fill:var(--ink)}
.flow .note{font-weight:400;font-size:13px;fill:var(--ink-dim);background:none}
.flow .code{font:400 12.5px var(--mono);fill:var(--ink-dim)}
.flow .box{fill:var(--sunken);stroke:var(--line)}
.flow .guard{fill:var(--panel)}
.flow .on{fill:var(--on-panel)}
.flow .arrow{fill:none;stroke:var(--ink-dim);stroke-width:1.5}
.flow .feed{fill:none;stroke:var(--accent);stroke-width:2;stroke-dasharray:2 6;stroke-linecap:round}
.flow .head{fill:var(--ink-dim)}
.flow .feeds{fill:var(--accent)}
.flow .step{fill:var(--accent)}
.flow .number{font-size:12px;fill:var(--on-accent);text-anchor:middle}
.flow figcaption{margin-block-start:1rem;color:var(--ink-dim);font-size:.9375rem;max-inline-size:46rem}
.two{display:grid;gap:2rem;grid-template-columns:minmax(0,1.15fr) minmax(0,1fr);align-items:start}
.steps{display:grid;gap:1.5rem;counter-reset:step}
.steps>li{display:grid;grid-template-columns:2rem minmax(0,1fr);gap:.5rem .75rem;counter-increment:step}
.steps>li::before{content:counter(step);grid-row:span 3;inline-size:2rem;block-size:2rem;display:grid;place-content:center;border-radius:50%;background:var(--accent-soft);color:var(--accent);font-weight:600;font-variant-numeric:tabular-nums}
.steps>li>*{grid-column:2}
.steps h3{align-self:center}
.lines{display:grid;grid-template-columns:minmax(0,1fr) auto;direction:ltr;border-radius:var(--radius);background:var(--sunken);box-shadow:inset 0 0 0 1px var(--line)}
.lines>p{align-self:center;padding-inline:1rem;min-block-size:2.5rem;display:flex;align-items:center;font-size:.8125rem;color:var(--ink-dim)}
.lines>button{margin:6px;min-block-size:1.75rem;padding-inline:.75rem;border:1px solid var(--control);border-radius:5px;background:var(--surface);color:var(--accent);font:600 .8125rem/1 var(--font);cursor:pointer}
.lines>button:hover{background:var(--accent-soft)}
.lines>pre{grid-column:1/-1;overflow-x:auto;padding:0 1rem .75rem;border-radius:var(--radius);font-size:.9375rem;line-height:1.6;tab-size:2}
.two>section>p,.lines+p{margin-block-start:1rem;font-size:.9375rem;color:var(--ink-dim)}
.trio{display:grid;gap:1rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,17rem),1fr))}
.trio>li{padding:1.5rem;display:flex;flex-direction:column;gap:.5rem;align-items:start}
.trio p{color:var(--ink-dim);font-size:.9375rem}
.trio .row,.trio>li>.btn{margin-block-start:auto}
.trio .lines{inline-size:100%}
.mails>li{padding:1rem 1.5rem;display:grid;gap:0 1rem;grid-template-columns:minmax(0,1fr) auto;overflow-wrap:anywhere}
.mails>li+li{border-block-start:1px solid var(--line)}
.mails a{font-weight:600;grid-column:1/-1}
.mails .dim{font-size:.9375rem}
.empty,.mail{padding:1.5rem}
.hello .empty{color:var(--ink-dim)}
.mail p+p{margin-block-start:1rem}
.mail a{overflow-wrap:anywhere}
.links{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;color:var(--ink-dim);font-size:.9375rem}
.foot nav{display:flex;gap:0 1rem}
@media (max-width:52rem){.two{grid-template-columns:minmax(0,1fr)}}
@media (max-width:40rem){.flow{padding:1rem}.flow .wide-flow{display:none}.flow .narrow-flow{display:block}}
@media (forced-colors:active){.card,.lines{border:1px solid}}
`
