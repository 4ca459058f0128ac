import { html as markup, raw } from 'hono/html'
import type { FilledMail } from './filled-mail.ts'

const font = raw("system-ui,-apple-system,'Segoe UI',Roboto,Arial,sans-serif")
const mono = raw("ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace")

/** Colours in the dark. Programs that ignore them show the light ones, which are complete. */
const dark = raw(`@media (prefers-color-scheme: dark) {
.bg{background:#0b1214!important}
.card{background:#111b1e!important;border-color:#33474d!important}
.ink{color:#e6eff0!important}
.dim{color:#a3b6bb!important}
.code{background:#0d1619!important;color:#e6eff0!important;border-color:#6d848a!important}
.go{background:#62cbd8!important;color:#04181c!important}
.band{background:#0b3843!important}
}`)

/** Writes a mail as small HTML: tables and inline styles, because mail programs know little else. No image, nothing remote. */
export function mailHtml(mail: FilledMail): string {
  const made = markup`<!doctype html>
<html lang="${mail.lang}" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${mail.subject}</title>
<style>${dark}</style>
</head>
<body class="bg" style="margin:0;padding:0;background:#f3f6f6">
<div role="main">
<table role="presentation" class="bg" width="100%" cellpadding="0" cellspacing="0" style="background:#f3f6f6"><tr><td align="center" style="padding:24px 12px">
<table role="presentation" class="card" width="100%" cellpadding="0" cellspacing="0" style="max-width:520px;background:#ffffff;border:1px solid #bccacd;border-radius:12px;border-collapse:separate;overflow:hidden">
<tr><td class="band" style="background:#0b3843;padding:16px 28px;font:600 15px/1.5 ${font};color:#eaf6f8">${mail.site}</td></tr>
<tr><td style="padding:28px;font:400 16px/1.5 ${font};overflow-wrap:anywhere">
${partsOf(mail)}</td></tr>
</table>
<p class="dim" style="margin:16px 0 0;font:400 13px/1.5 ${font};color:#465a60">${mail.foot.join(' ')}</p>
</td></tr></table>
</div>
</body>
</html>
`
  if (made instanceof Promise) throw new TypeError('a mail has no values to await')
  return made.toString()
}

function partsOf({ heading, lines, code, action, notes }: FilledMail) {
  return [
    markup`<h1 class="ink" style="margin:0 0 16px;font-size:22px;line-height:1.25;color:#0f1e22">${heading}</h1>\n`,
    ...lines.map(
      (line) => markup`<p class="ink" style="margin:0 0 20px;color:#0f1e22">${line}</p>\n`,
    ),
    code === undefined
      ? ''
      : markup`<p class="code" dir="ltr" style="margin:0 0 24px;padding:14px 16px;font:600 26px/1.2 ${mono};letter-spacing:3px;text-align:center;background:#edf2f2;color:#0f1e22;border:1px solid #73878d;border-radius:7px">${code}</p>\n`,
    action === undefined
      ? ''
      : markup`<p class="ink" style="margin:0 0 12px;color:#0f1e22">${action.lead}</p>
<p style="margin:0 0 24px"><a class="go" href="${action.address}" style="display:inline-block;padding:11px 22px;font-weight:600;text-decoration:none;background:#0a5f6e;color:#ffffff;border-radius:7px">${action.button}</a></p>\n`,
    ...notes.map(
      (note) =>
        markup`<p class="dim" style="margin:0 0 8px;font-size:14px;color:#465a60">${note}</p>\n`,
    ),
  ]
}
