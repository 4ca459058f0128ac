import { html, type Html } from './html.ts'
import type { Catalogue } from './texts.ts'

/** Draws the way of a token: once for wide pages, once for phones. Pure. */
export function drawFlow(texts: Catalogue, host: string): Html {
  return html`<figure class="card flow">
    ${wideFlow(texts, host)} ${narrowFlow(texts, host)}
    <figcaption>${texts.welcomeFlowCaption}</figcaption>
  </figure>`
}

function wideFlow(texts: Catalogue, host: string): Html {
  return html`<svg class="wide-flow" viewBox="0 0 960 262" role="img" aria-labelledby="flow-wide">
    <title id="flow-wide">${texts.welcomeFlow}</title>
    ${box(1, 88, 200, 92)} ${name(22, 130, texts.welcomeFlowClient)}
    ${note(22, 152, texts.welcomeFlowClientHint)} ${box(366, 1, 228, 98)}
    ${name(388, 38, 'Countersign')} ${code(388, 60, host)}
    ${note(388, 80, texts.welcomeFlowServiceHint)} ${box(728, 88, 231, 124)}
    <path class="guard" d="${leftHalf(728, 88, 80, 124)}" />
    <text class="on" x="744" y="154">guard</text>
    ${name(828, 146, texts.welcomeFlowApi)} ${note(828, 168, texts.welcomeFlowApiHint)}
    ${arrow('M201 112C262 66 300 34 356 34', 365, 34, 0)} ${step(1, 272, 63)}
    ${code(190, 40, 'POST /login')} ${arrow('M366 72C310 76 268 104 211 130', 203, 134, 156)}
    ${step(2, 304, 88)} ${note(322, 122, texts.welcomeFlowToken)}
    <path class="feed" d="M594 48C664 50 696 66 740 82" />
    ${head(748, 86, 20, 'head feeds')} ${note(606, 32, texts.welcomeFlowPush)}
    ${arrow('M201 160C350 222 566 222 716 172', 726, 169, -18)} ${step(3, 458, 208)}
    ${code(386, 248, 'GET /orders  Bearer …')}
  </svg>`
}

function narrowFlow(texts: Catalogue, host: string): Html {
  return html`<svg
    class="narrow-flow"
    viewBox="0 0 320 400"
    role="img"
    aria-labelledby="flow-narrow"
  >
    <title id="flow-narrow">${texts.welcomeFlow}</title>
    ${box(40, 1, 279, 70)} ${name(58, 32, 'Countersign')} ${code(58, 54, host)}
    ${box(40, 162, 190, 70)} ${name(58, 193, texts.welcomeFlowClient)}
    ${note(58, 214, texts.welcomeFlowClientHint)} ${box(40, 329, 279, 70)}
    <path class="guard" d="${upperHalf(40, 329, 279, 32)}" />
    <text class="on" x="58" y="350">guard</text>
    ${name(58, 388, texts.welcomeFlowApi)} ${arrow('M76 162V81', 76, 72, -90)} ${step(1, 76, 118)}
    ${note(92, 110, texts.welcomeFlowSecret)} ${arrow('M188 71V151', 188, 161, 90)}
    ${step(2, 188, 118)} ${note(204, 138, texts.welcomeFlowToken)}
    ${arrow('M96 232V318', 96, 328, 90)} ${step(3, 96, 278)} ${code(112, 268, 'Bearer …')}
    <path class="feed" d="M296 71V317" />
    ${head(296, 328, 90, 'head feeds')}
    <text class="note" x="286" y="306" text-anchor="end">${texts.welcomeFlowRevocations}</text>
  </svg>`
}

function box(x: number, y: number, width: number, height: number): Html {
  return html`<rect class="box" x="${x}" y="${y}" width="${width}" height="${height}" rx="8" />`
}

function name(x: number, y: number, text: string): Html {
  return html`<text x="${x}" y="${y}">${text}</text>`
}

function note(x: number, y: number, text: string): Html {
  return html`<text class="note" x="${x}" y="${y}">${text}</text>`
}

function code(x: number, y: number, text: string): Html {
  return html`<text class="code" x="${x}" y="${y}">${text}</text>`
}

function arrow(line: string, x: number, y: number, degrees: number): Html {
  return html`<path class="arrow" d="${line}" />${head(x, y, degrees, 'head')}`
}

function head(x: number, y: number, degrees: number, style: string): Html {
  return html`<path
    class="${style}"
    d="M0 0L-9-4.5V4.5z"
    transform="translate(${x} ${y}) rotate(${degrees})"
  />`
}

function step(number: number, x: number, y: number): Html {
  return html`<circle class="step" cx="${x}" cy="${y}" r="10" /><text
      class="number"
      x="${x}"
      y="${y + 4}"
    >
      ${number}
    </text>`
}

/** Units: pixels. The height of one tooth of the cut edge, and half of it. */
const [tooth, halfTooth] = [24, 12]

/** The half of a box that the guard fills, with a cut edge at its right. */
function leftHalf(x: number, y: number, width: number, height: number): string {
  const right = x + width
  const teeth = Array.from(
    { length: Math.floor(height / tooth) },
    () => `l-8 ${halfTooth}l8 ${halfTooth}`,
  )
  const rest = height % tooth
  return `M${right} ${y}${teeth.join('')}${rest === 0 ? '' : `l-${rest / 2} ${rest}`}H${x + 8}a8 8 0 0 1-8-8V${y + 8}a8 8 0 0 1 8-8z`
}

/** The same with the cut edge below. */
function upperHalf(x: number, y: number, width: number, height: number): string {
  const count = Math.floor(width / tooth)
  const teeth = Array.from({ length: count }, () => `l-${halfTooth}-7l-${halfTooth} 7`)
  const rest = width - count * tooth
  return `M${x + 8} ${y}H${x + width - 8}a8 8 0 0 1 8 8V${y + height}${teeth.join('')}l-${rest}-7V${y + 8}a8 8 0 0 1 8-8z`
}
