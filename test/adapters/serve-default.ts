import { getRequestListener } from '@hono/node-server'
import { createServer } from 'node:http'
import { pathToFileURL } from 'node:url'

/** Serves the default export of the program on Node, as Bun and Deno do themselves. */
const { default: app } = await import(pathToFileURL(process.argv[1] ?? '').href)
const listener = getRequestListener(app.fetch)
createServer((request, response) => void listener(request, response)).listen(app.port)
