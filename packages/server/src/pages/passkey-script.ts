/**
 * The part of the script that talks to the browser about passkeys.
 * A form with `data-passkey` fetches options, asks the browser, and sends the response as a plain form. Where a browser
 * cannot do it, the form stays hidden. `goOn` of the common script runs once the browser has its messages.
 * Source: Web Authentication Level 3 §5.1 and §5.1.10 (signals).
 */
export const passkeyScript = `
const all = (what) => [...document.querySelectorAll(what)]
const keys = window.PublicKeyCredential?.parseRequestOptionsFromJSON && PublicKeyCredential
for (const form of keys ? all('[data-passkey]') : []) {
  const { passkey, begin, unasked } = form.dataset
  const isNew = passkey === 'create'
  const notes = form.querySelectorAll('[data-fault]')
  const show = (fault) => notes.forEach((note) => (note.hidden = note.dataset.fault !== fault))
  let stop, asked
  const ask = async (mediation) => {
    stop?.abort()
    const { signal } = (stop = new AbortController())
    const start = Date.now()
    asked = !mediation
    if (asked) show()
    try {
      const reply = await fetch(mediation && unasked || begin, { method: 'POST', body: new URLSearchParams(new FormData(form)), signal })
      if (reply.redirected) return location.assign(reply.url)
      const publicKey = keys[isNew ? 'parseCreationOptionsFromJSON' : 'parseRequestOptionsFromJSON'](await reply.json())
      const made = await navigator.credentials[passkey]({ publicKey, signal, mediation })
      form.response.value = JSON.stringify(made)
      form.keep.value = document.getElementById('keep')?.checked ? 'yes' : ''
      form.submit()
    } catch ({ name }) {
      if (mediation || signal.aborted) return
      show(Date.now() - start > 290000 ? 'late' : name === 'InvalidStateError' ? 'there' : 'none')
      asked = 0
      if (!isNew) renew()
    }
  }
  const can = async () => isNew ? (await keys.getClientCapabilities?.())?.conditionalCreate : keys.isConditionalMediationAvailable?.()
  const renew = async () => unasked && !asked && (await can()) && !asked && ask('conditional')
  form.hidden = false
  form.querySelector('button').onclick = () => ask()
  renew()
  if (!isNew) setInterval(renew, 480000)
}
const hint = document.getElementById('passkeys')
if (keys && hint) keys.isUserVerifyingPlatformAuthenticatorAvailable().then((is) => (hint.value = is ? 'yes' : ''))
Promise.allSettled(all('[data-signal]').map(({ dataset }) => keys?.[dataset.signal]?.(JSON.parse(dataset.value)))).then(goOn)
setTimeout(goOn, 1000)
`
