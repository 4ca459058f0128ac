import { createReadStream } from 'node:fs'
import { startFault } from '../config/start-fault.ts'
import type { FirebaseHashConfig } from '../users/import/firebase-hash-config.ts'
import { defineCommand } from './command.ts'
import type { Input } from './input.ts'
import { newOption } from './new-option.ts'
import { operate } from './operate.ts'
import { readText } from './read-text.ts'

const sources = ['auth0', 'firebase', 'keycloak', 'supabase'] as const

/** Problems that are shown. A file with more is usually of another product. */
const problemsShownMax = 100

/** `countersign users import`. */
export const importUsersCommand = defineCommand({
  name: 'users import',
  summary: 'Import users with their password hashes.',
  about:
    'Without --from the file has one JSON object a line. Users with a problem are named by their line and left out. A repeat leaves users that are here as they are.',
  args: [{ name: 'file', help: 'The file, or - for standard input.' }],
  options: [
    { name: 'from', value: 'product', help: 'The product that wrote the file.', choices: sources },
    {
      name: 'hash-config',
      value: 'file',
      help: 'The password hash parameters that the console of Firebase shows.',
    },
    { name: 'resource', value: 'audience', help: 'A resource that each user may use.' },
    { name: 'scope', value: 'scopes', help: 'The scopes there, with spaces.' },
    { name: 'roles', value: 'roles', help: 'The roles there, with spaces.' },
    { name: 'dry-run', help: 'Check everything and write nothing.' },
    newOption,
  ],
  reads: 'database',
  examples: [
    'countersign users import users.ndjson --dry-run',
    'countersign users import realm.json --from keycloak --resource https://api.example.com --scope read',
    'gunzip -c export.json.gz | countersign users import - --from auth0 --json',
  ],
  run: async (call) => {
    const { args, options, input, output } = call
    const { resource: audience, scope = '', roles = '' } = options
    if (audience === undefined && scope + roles !== '')
      throw startFault('Scopes and roles are those at one API: name it with --resource <audience>.')
    const { importUsers } = await import('../admin/import-users.ts')
    const { readerOf } = await import('../users/import/import-sources.ts')
    const hashConfig = await readHashConfig(options['hash-config'])
    const isDry = options['dry-run']
    let problems = 0
    const code = await operate(
      call,
      async (deps) => {
        const outcome = await importUsers(
          {
            chunks: chunksOf(args.file, input),
            reader: readerOf(options.from, { hashConfig, nowMs: deps.now() * 1_000 }),
            access: audience === undefined ? [] : [{ audience, scope, roles }],
            isDry,
            onProblem: ({ line, member, sentence }) => {
              problems += 1
              const place = member === '' ? `line ${line}` : `line ${line}, ${member}`
              if (problems <= problemsShownMax) output.warn(`${place}: ${sentence}`)
            },
          },
          deps,
        )
        if (problems > problemsShownMax)
          output.warn(`There are ${problems - problemsShownMax} more problems.`)
        if (isDry) output.note('Nothing was written.')
        return outcome
      },
      { begins: options.new },
    )
    return problems > 0 ? 1 : code
  },
})

async function readHashConfig(file: string | undefined): Promise<FirebaseHashConfig | undefined> {
  if (file === undefined) return undefined
  const { readFirebaseHashConfig } = await import('../users/import/firebase-hash-config.ts')
  const config = readFirebaseHashConfig(readText(file))
  if (config === undefined)
    throw startFault(
      `${file} is not complete: it needs algorithm: SCRYPT, base64_signer_key, base64_salt_separator, rounds and mem_cost.`,
    )
  return config
}

/** Reads the file part by part. Throws: a start fault that names it. */
async function* chunksOf(file: string, input: Input): AsyncGenerator<Uint8Array> {
  if (file === '-') yield* input.chunks()
  else
    try {
      for await (const chunk of createReadStream(file)) yield chunk
    } catch (fault) {
      throw startFault(`${file} cannot be read.`, fault)
    }
}
