/** The parts of the global object that name the environment of the process. */
interface Runtime {
  readonly process?: { readonly env?: Readonly<Record<string, string | undefined>> }
  readonly Deno?: {
    readonly permissions: {
      readonly querySync: (asked: { readonly name: 'env'; readonly variable: string }) => {
        readonly state: string
      }
    }
  }
}

/**
 * Whether this process is in production: `NODE_ENV` says so, or it may not be read.
 * Why: Deno asks its user before a program reads the environment, so a guard reads it only if that is allowed already.
 */
export function isProductionProcess({ process, Deno }: Runtime = globalThis): boolean {
  try {
    const asked = { name: 'env', variable: 'NODE_ENV' } as const
    if (Deno !== undefined && Deno.permissions.querySync(asked).state !== 'granted') return true
    return process?.env === undefined || process.env['NODE_ENV'] === 'production'
  } catch {
    return true
  }
}
