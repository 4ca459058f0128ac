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
    {
      name: 'claims-module',
      value: 'file',
      help: 'A module whose addClaims function adds claims to tokens.',
      environment: 'COUNTERSIGN_CLAIMS_MODULE',
    },
  ],
  examples: [
    'countersign dev',
    'countersign dev --port 8080 --claims-module claims.mjs',
    'countersign dev --alg Ed25519 --data-dir demo',
  ],
  run: async ({ flags, environment, output }) => {
    const { dev } = await import('./dev.ts')
    return dev(flags, environment, output)
  },
})
