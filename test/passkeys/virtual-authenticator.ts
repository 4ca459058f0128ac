import type { BrowserContext, CDPSession, Page } from 'playwright-core'

/** An authenticator of Chromium without a device. It answers by itself. */
export interface VirtualAuthenticator {
  readonly credentials: () => Promise<readonly VirtualCredential[]>
  /** Puts a credential back with these changes, as a copy of the authenticator would have it. */
  readonly replace: (over: Partial<VirtualCredential>) => Promise<void>
  /** Whether the user is there and agrees. */
  readonly setPresent: (is: boolean) => Promise<void>
  readonly setVerified: (is: boolean) => Promise<void>
  readonly remove: () => Promise<void>
}

export interface VirtualCredential {
  readonly credentialId: string
  readonly isResidentCredential: boolean
  readonly rpId?: string
  readonly privateKey: string
  readonly userHandle?: string
  readonly signCount: number
  readonly backupEligibility?: boolean
  readonly backupState?: boolean
}

/** Adds an authenticator to the browser of a tab. */
export async function addAuthenticator(
  context: BrowserContext,
  tab: Page,
  over: { readonly hasUserVerification?: boolean; readonly isSynced?: boolean } = {},
): Promise<VirtualAuthenticator> {
  const { hasUserVerification = true, isSynced = true } = over
  const devTools: CDPSession = await context.newCDPSession(tab)
  await devTools.send('WebAuthn.enable', { enableUI: false })
  const { authenticatorId } = await devTools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      ctap2Version: 'ctap2_1',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification,
      isUserVerified: hasUserVerification,
      automaticPresenceSimulation: true,
      defaultBackupEligibility: isSynced,
      defaultBackupState: isSynced,
    },
  })
  const credentials = async () =>
    (await devTools.send('WebAuthn.getCredentials', { authenticatorId })).credentials
  return {
    credentials,
    async replace(changes) {
      const [credential] = await credentials()
      if (credential === undefined) throw new Error('the authenticator is empty')
      await devTools.send('WebAuthn.clearCredentials', { authenticatorId })
      await devTools.send('WebAuthn.addCredential', {
        authenticatorId,
        credential: { ...credential, ...changes },
      })
    },
    async setPresent(enabled) {
      await devTools.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled })
    },
    async setVerified(isUserVerified) {
      await devTools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified })
    },
    async remove() {
      await devTools.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId })
    },
  }
}
