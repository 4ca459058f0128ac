// A guard in a process that its parent freezes between requests: `frozen-child.ts <issuer> <allow|deny>`.
import { createGuard } from '@countersign/guard'

const [, , issuer = '', onStale] = process.argv
const guard = createGuard({
  issuer,
  audience: 'api',
  revocation: { follow: 'poll', pollSeconds: 0.5, onStale: onStale === 'deny' ? 'deny' : 'allow' },
})

async function answer(token: unknown): Promise<void> {
  if (typeof token !== 'string') return
  const outcome = await guard.check({ rawHeaders: ['Authorization', `Bearer ${token}`] })
  process.send?.(outcome.ok ? 'admitted' : outcome.refusal.reason)
}

process.on('message', (token) => void answer(token))
// Ends with its parent.
process.on('disconnect', () => process.exit())
