// The same on Bun's own server, which also reads one header, as every guarded service must.
interface ReadRequest {
  readonly headers: { readonly get: (name: string) => string | null }
}

interface BunHere {
  readonly serve: (options: {
    readonly port: number
    readonly hostname: string
    readonly fetch: (request: ReadRequest) => Response
  }) => unknown
}

const { PORT, ANSWER = '{}' } = process.env
const { status, headers, body }: { status: number; headers: Record<string, string>; body: string } =
  JSON.parse(ANSWER)
const { Bun } = globalThis as unknown as { readonly Bun: BunHere }
const init = { status, headers: new Headers(headers) }
Bun.serve({
  port: Number(PORT),
  hostname: '127.0.0.1',
  fetch: (request) => {
    const asked = request.headers.get('authorization')
    return new Response(asked === null ? '' : body, init)
  },
})
