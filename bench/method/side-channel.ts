// Preloaded into servers that are measured: answers what the process has used, and keeps nothing alive.
import { readUsage } from './messages.ts'

process.on('message', (message: unknown) => {
  if (typeof message !== 'object' || message === null || !('ask' in message)) return
  if (message.ask === 'usage') process.send?.(readUsage())
})
// A server does not outlive the bench that started it.
process.on('disconnect', () => process.exit())
process.channel?.unref()
