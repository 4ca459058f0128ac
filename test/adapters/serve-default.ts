import { getRequestListener } from '@hono/node-server'
import { createServer } from 'node:http'
import { pathToFileURL } from 'node:url'

/** Does on Node what Bun and Deno do by themselves: serves the default export of the program. */
const { default: app } = await import(pathToFileURL(process.argv[1] ?? '').href)
createServer(getRequestListener(app.fetch)).listen(app.port)
