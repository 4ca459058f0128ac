/**
 * The script of all pages. Each page works without it.
 * It shows a password, copies text, moves the focus to an error summary, counts a wait down and goes on from a page that only says so.
 * Why: it is one text that each page holds, so that a page needs one request and the policy names one hash.
 */
export const pageScript = `
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
for (const button of document.querySelectorAll('[data-copies]')) {
  const text = button.textContent
  button.hidden = false
  button.onclick = async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).textContent)
    button.textContent = button.dataset.copied
    setTimeout(() => (button.textContent = text), 2000)
  }
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
if (onward) location.replace(onward.href)
`
  .split('\n')
  .map((line) => line.trim())
  .join('\n')
