// The limit: node:http answering the same bytes to everything, without looking at the request.
import { createServer } from 'node:http'

const { PORT, ANSWER = '{}' } = process.env
const { status, headers, body }: { status: number; headers: Record<string, string>; body: string } =
  JSON.parse(ANSWER)

createServer((_, response) => {
  response.writeHead(status, headers)
  response.end(body)
}).listen(Number(PORT), '127.0.0.1')
