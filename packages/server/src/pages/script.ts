import { passkeyScript } from './passkey-script.ts'

/**
 * The script that all pages share. Each page works without it.
 * It shows a password, moves the focus to an error summary, counts a wait down and goes on from a page that only says so.
 * Why: it is one text that each page holds, so that a page needs one request and the policy names one hash.
 */
const commonScript = `
for (const button of document.querySelectorAll('[data-shows]')) {
  const input = document.getElementById(button.dataset.shows)
  const say = (shown) => {
    input.type = shown ? 'text' : 'password'
    button.textContent = shown ? button.dataset.hide : button.dataset.show
    button.setAttribute('aria-label', shown ? button.dataset.hideLabel : button.dataset.showLabel)
  }
  button.hidden = false
  button.onclick = () => say(input.type === 'password')
  input.form.addEventListener('submit', () => say(false))
}
for (const wait of document.querySelectorAll('[data-seconds]')) {
  const end = Date.now() + wait.dataset.seconds * 1000
  const format = new Intl.NumberFormat(document.documentElement.lang, { style: 'unit', unit: 'second', unitDisplay: 'long' })
  const place = wait.querySelector('bdi')
  const count = () => {
    const left = Math.ceil((end - Date.now()) / 1000)
    if (left > 0) place.textContent = format.format(left)
    else {
      clearInterval(timer)
      wait.setAttribute('role', 'status')
      wait.textContent = wait.dataset.over
    }
  }
  const timer = setInterval(count, 1000)
  count()
  wait.hidden = false
}
document.getElementById('summary')?.focus()
const onward = document.querySelector('a[data-onward]')
const goOn = () => onward && location.replace(onward.href)
`

/** Copies, saves and prints text. No page with passkeys has a button for it, and their script has little room. */
const copyScript = `
for (const button of document.querySelectorAll('[data-copies]')) {
  const text = button.textContent
  button.hidden = false
  button.onclick = async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).textContent)
    button.textContent = button.dataset.copied
    setTimeout(() => (button.textContent = text), 2000)
  }
}
for (const button of document.querySelectorAll('[data-saves]')) {
  button.hidden = false
  button.onclick = () => {
    const link = document.createElement('a')
    const text = document.getElementById(button.dataset.saves).textContent
    link.href = URL.createObjectURL(new Blob([text], { type: 'text/plain' }))
    link.download = button.dataset.name
    link.click()
  }
}
for (const button of document.querySelectorAll('[data-prints]')) {
  button.hidden = false
  button.onclick = () => print()
}
`

/** The script of pages without passkeys. */
export const pageScript = packScript(
  `${commonScript}${copyScript}goOn()
  document.querySelector('form[data-submits]')?.requestSubmit()`,
)

/** The script of pages with passkeys. */
export const passkeyPageScript = packScript(commonScript + passkeyScript)

/** Removes spaces that the script does not need. No text in it holds one of these signs next to a space. */
function packScript(source: string): string {
  const lines = source.split('\n').map((line) => line.trim())
  let packed = lines.filter((line) => line !== '').join('\n')
  for (const sign of ['=>', '===', '!==', '&&', '=', ',', ':', '?', '{', '}'])
    packed = packed.replaceAll(` ${sign} `, sign).replaceAll(`${sign} `, sign)
  return packed
}
