import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import type { HttpReply } from '../../packages/server/src/http/exchange.ts'
import {
  createPages,
  type PageOptions,
  type Pages,
} from '../../packages/server/src/pages/create-pages.ts'
import { english } from '../../packages/server/src/pages/english.ts'
import { german } from '../../packages/server/src/pages/german.ts'
import { pageRows, sampleSite } from './page-rows.ts'
import { pseudoArabic } from './pseudo-arabic.ts'

/** Serves all rows at `/<lang>/<name>`, and keeps the forms that it gets. */
export interface PageServer {
  readonly origin: string
  readonly addressOf: (name: string, lang: string) => string
  /** The same page without its script. */
  readonly addressWithoutScript: (name: string, lang: string) => string
  /** The bodies of all forms, the oldest first. */
  readonly forms: readonly string[]
  /** The `Origin` headers of all forms. */
  readonly origins: readonly (string | undefined)[]
  readonly close: () => Promise<void>
}

/** Starts a server of pages. A form is answered with the page that follows a sign-out. */
export async function startPageServer({
  theme,
  catalogues = [english, german, pseudoArabic],
}: Partial<PageOptions> = {}): Promise<PageServer> {
  const pages = createPages({
    site: sampleSite,
    catalogues,
    ...(theme === undefined ? {} : { theme }),
  })
  const forms: string[] = []
  const origins: (string | undefined)[] = []
  const server = createServer((request, response) => {
    if (request.url?.includes('/options') === true) {
      // Not a form: a script asks for the options of a passkey, and gets none.
      response.writeHead(204).end()
      return
    }
    if (request.method === 'POST') {
      let form = ''
      request.setEncoding('utf8').on('data', (piece: string) => (form += piece))
      request.on('end', () => {
        forms.push(form)
        origins.push(request.headers.origin)
        response.writeHead(303, { location: '/en/signed-out' }).end()
      })
      return
    }
    const reply = replyTo(request.url ?? '', pages)
    if (reply === undefined) response.writeHead(404).end()
    else response.writeHead(reply.status, reply.headers as Record<string, string>).end(reply.body)
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    origin,
    addressOf: (name, lang) => `${origin}/${lang}/${name}`,
    addressWithoutScript: (name, lang) => `${origin}/${lang}/${name}/without-script`,
    forms,
    origins,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function replyTo(url: string, pages: Pages): HttpReply | undefined {
  const [, lang = '', name, variant] = url.split('/')
  const reply = pageRows.find((row) => row.name === name)?.render(pages, lang)
  if (reply === undefined || variant !== 'without-script') return reply
  const body = String(reply.body)
  return { ...reply, body: body.slice(0, body.indexOf('<script>')) }
}
