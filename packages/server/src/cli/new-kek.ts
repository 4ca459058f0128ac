import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { startFault } from '../config/start-fault.ts'
import { defineCommand } from './command.ts'

/** `countersign keys new-kek`. */
export const newKekCommand = defineCommand({
  name: 'keys new-kek',
  summary: 'Write a new key-encryption key into a new file, with mode 0600.',
  about:
    'Keep the file apart from the database and its backups. Without it no key can be unsealed.',
  args: [{ name: 'file', help: 'The file to write. It must not exist yet.' }],
  examples: [
    'countersign keys new-kek kek',
    'countersign keys new-kek kek.next',
    'countersign keys new-kek /etc/countersign/kek --json',
  ],
  run: async ({ args, output }) => {
    const { file } = args
    const { sealingKeyBytes } = await import('../keys/seal.ts')
    const { processSystem } = await import('../main/system.ts')
    const key = Buffer.from(processSystem().randomBytes(sealingKeyBytes)).toString('base64url')
    try {
      writeFileSync(file, `${key}\n`, { mode: 0o600, flag: 'wx' })
    } catch (fault) {
      throw startFault(objectToFile(file, fault), fault)
    }
    output.print({ written: resolve(file) })
    return 0
  },
})

function objectToFile(file: string, fault: unknown): string {
  const code = fault instanceof Error && 'code' in fault ? fault.code : undefined
  if (code === 'EEXIST')
    return `${file} is there already, and a key in it may be in use: name another.`
  return `${file} cannot be written (${String(code)}): make its folder, or name another.`
}
