import { defineCommand } from './command.ts'
import { newOption } from './new-option.ts'
import { settingOptions } from './setting-options.ts'

/** `countersign serve`. */
export const serveCommand = defineCommand({
  name: 'serve',
  summary: 'Run the service for others to reach.',
  about: 'It has no default credentials. It names every missing setting.',
  options: [...settingOptions, newOption],
  reads: 'service',
  examples: [
    'countersign serve --new --issuer https://id.example.com',
    'countersign serve --issuer http://localhost:8000 --plain-http-issuer-unsafe localhost',
    'DATABASE_URL=postgres://countersign@db/countersign countersign serve --port 8000',
  ],
  run: async ({ flags, environment }) => {
    const { serve } = await import('./serve.ts')
    return serve(flags, environment)
  },
})
