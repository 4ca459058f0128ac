import { defineCommand } from './command.ts'

/** `countersign dev`. */
export const devCommand = defineCommand({
  name: 'dev',
  summary: 'Run on loopback with a demo client and an embedded database.',
  options: [
    {
      name: 'port',
      value: 'port',
      help: 'The port to listen on.',
      default: '8000',
      environment: 'PORT',
    },
    {
      name: 'host',
      value: 'host',
      help: 'The loopback address to listen on.',
      default: 'localhost',
      environment: 'HOST',
    },
    {
      name: 'alg',
      value: 'alg',
      help: 'The algorithm of the demo tokens.',
      default: 'ES256',
      loadChoices: async () => (await import('../keys/material.ts')).signingAlgs,
    },
  ],
  examples: [
    'countersign dev',
    'countersign dev --port 8080',
    'countersign dev --alg Ed25519 --data-dir demo',
  ],
  run: async ({ flags, environment, output }) => {
    const { dev } = await import('./dev.ts')
    return dev(textsOf(flags), environment, output)
  },
})

/** The options that were given. A default must not outweigh the environment. */
function textsOf(flags: Readonly<Record<string, string | boolean | undefined>>) {
  return Object.fromEntries(
    Object.entries(flags).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  )
}
