// The same on Bun's own server, which is what the service listens through there.
const { PORT, ANSWER = '{}' } = process.env
const { status, headers, body }: { status: number; headers: Record<string, string>; body: string } =
  JSON.parse(ANSWER)

interface BunHere {
  readonly serve: (options: {
    readonly port: number
    readonly hostname: string
    readonly fetch: () => Response
  }) => unknown
}

const { Bun } = globalThis as unknown as { readonly Bun: BunHere }
const init = { status, headers: new Headers(headers) }
Bun.serve({ port: Number(PORT), hostname: '127.0.0.1', fetch: () => new Response(body, init) })
