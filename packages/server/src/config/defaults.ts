import { leewaySecondsMax } from '@countersign/jwt'

/**
 * Every default of the service, in one place.
 * Units: seconds, unless the name says otherwise.
 */
export const defaults = {
  port: 8000,
  dataFolder: '.countersign',
  accessTokenTtlSeconds: 600,
  /** The demo lives as long as the tutorial's tokens; a shorter life is advised everywhere else. */
  demoTokenTtlSeconds: 86_400,
  tokenBytesMax: 2_048,
  tokenAlg: 'ES256',
  refreshIdleTtlSeconds: 30 * 86_400,
  refreshAbsoluteTtlSeconds: 180 * 86_400,
  repeatWindowSeconds: 30,
  /** The life of a browser session, idle or not. */
  sessionTtlSeconds: 30 * 86_400,
  /** How long after its end an id token still names the user of a logout. */
  idTokenHintSeconds: 86_400,
  jwksMaxAgeSeconds: 300,
  keyPeriodSeconds: 30 * 86_400,
  leewaySeconds: leewaySecondsMax,
  feedHeartbeatSeconds: 10,
  auditRetentionSeconds: 90 * 86_400,
  databasePoolMax: 10,
  changesPollMs: 250,
  /** How long a node that cannot read the revocation log goes on answering from memory. */
  logAgeSecondsMax: 5,
  keyTurnMs: 30_000,
  /** Of one client, at one node; a thousand guards of one API may come at once when its keys change. */
  decryptionKeyFetchesPerMinute: 1_200,
  /** For one network, at one node. Each sign-in page that is opened asks for one. */
  passkeyChallengesPerMinute: 120,
  /** The runtime has four threads for such work, and files and names of hosts need one. */
  hashesRunningMax: 3,
  hashesWaitingMax: 64,
} as const

/** How keys live, of the same defaults. Units: seconds. */
export const keyTimes = {
  periodSeconds: defaults.keyPeriodSeconds,
  announceSeconds: defaults.jwksMaxAgeSeconds,
  leewaySeconds: defaults.leewaySeconds,
} as const
