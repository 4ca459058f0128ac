import { expect, it } from 'vitest'
import { isAgentLabel, labelAgent } from './agent-label.ts'

const chrome = 'AppleWebKit/537.36 (KHTML, like Gecko) Chrome/146.0.0.0 Safari/537.36'

it.each([
  ['Firefox on Linux', 'Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0'],
  ['Chrome on Windows', `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${chrome}`],
  ['Chrome on Android', `Mozilla/5.0 (Linux; Android 10; K) ${chrome}`],
  ['Edge on Windows', `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${chrome} Edg/146.0.0.0`],
  [
    'Safari on iPhone',
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.4 Mobile/15E148 Safari/604.1',
  ],
  ['Vivaldi on Windows', `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${chrome} Vivaldi/7.0`],
  ['Yandex Browser on Windows', `Mozilla/5.0 (Windows NT 10.0) ${chrome} YaBrowser/24.10`],
  ['UC Browser on Android', `Mozilla/5.0 (Linux; U; Android 10; en-US) ${chrome} UCBrowser/13.4`],
  ['DuckDuckGo on iPhone', 'Mozilla/5.0 (iPhone) Mobile/15E148 DuckDuckGo/7 Safari/605.1.15'],
  ['Google app on iPhone', 'Mozilla/5.0 (iPhone) GSA/340.0 Mobile/15E148 Safari/604.1'],
  ['Edge on iPhone', 'Mozilla/5.0 (iPhone) Version/18.0 EdgiOS/131.0 Mobile Safari/605.1.15'],
  ['Unknown browser', '<script>alert(1)</script>'],
  ['Unknown browser', undefined],
  ['Unknown browser', `${'x'.repeat(512)} Firefox/143.0`],
])('%s', (label, header) => {
  expect(labelAgent(header)).toBe(label)
  expect(isAgentLabel(label)).toBe(true)
})

it.each(['', 'Your money', 'Firefox on Linux on Linux', 'Firefox on you', 'Call +1 555 on Linux'])(
  '%j is no label of a browser',
  (text) => {
    expect(isAgentLabel(text)).toBe(false)
  },
)
