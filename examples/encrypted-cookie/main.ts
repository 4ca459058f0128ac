// An app for browsers. Its users sign in on the pages of the service, which are on the same host.
// Start, with the secret of the client orders-api: CLIENT_SECRET=cs_… npm run example encrypted-cookie
import { createGuard } from '@countersign/guard/node'
import { createServer, request as ask, type IncomingMessage, type ServerResponse } from 'node:http'

const { ISSUER = 'http://localhost:8000', PORT = '8001' } = process.env
const { AUDIENCE = 'https://orders.example', COOKIE = 'cs' } = process.env
const { CLIENT_ID = 'orders-api', CLIENT_SECRET = '' } = process.env

const guard = createGuard({
  issuer: ISSUER,
  audience: AUDIENCE,
  credentials: { cookie: COOKIE },
  decryptionKeys: { clientId: CLIENT_ID, clientSecret: CLIENT_SECRET },
  // The sign-in page renews a session and returns, or asks for the name and the password.
  render: (refusal, { headers }) => {
    let location = '/sign-in?return_to=/orders'
    // These ask for more of a user who is signed in: a second factor, or a proof of a moment ago.
    if (refusal.reason === 'authentication_too_weak')
      location = `/sign-in?return_to=/orders/cancel&acr_values=${refusal.required.join('+')}`
    if (refusal.reason === 'authentication_too_old')
      location = `/sign-in?return_to=/orders/cancel&max_age=${refusal.maxAgeSeconds}`
    return { status: 303, headers: { ...headers, location }, body: '' }
  },
})
const orders = guard.protect({ scope: 'read' }, (_request, response, caller) => {
  response.setHeader('content-type', 'text/html; charset=utf-8')
  response.end(`<p>the orders of ${caller.subject}</p><a href="/sign-out">Sign out</a>\n`)
})

const cancel = guard.protect(
  { scope: 'read', acr: '2', maxAgeSeconds: 300 },
  (_request, response, caller) => void response.end(`cancelled by ${caller.subject}\n`),
)

/** Stands for the proxy that puts the pages of the service and the app on one host. */
function forward(request: IncomingMessage, response: ServerResponse): void {
  const headers = { ...request.headers, host: new URL(ISSUER).host }
  const onward = ask(new URL(request.url ?? '/', ISSUER), { method: request.method, headers })
  onward.on('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(response)
  })
  onward.on('error', () => response.writeHead(502).end())
  request.pipe(onward)
}

/** The beginnings of the addresses of the service. */
const pages = ['/sign-', '/session/', '/confirm', '/account']

await guard.ready()
createServer((request, response) => {
  const [path = ''] = (request.url ?? '').split('?')
  if (path === '/orders') return void orders(request, response)
  if (path === '/orders/cancel') return void cancel(request, response)
  if (pages.some((begin) => path.startsWith(begin))) return forward(request, response)
  response.writeHead(404).end()
}).listen(Number(PORT), 'localhost', () => console.log('listening'))
