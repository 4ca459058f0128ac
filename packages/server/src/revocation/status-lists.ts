import { coalesceByName } from '../coalesce.ts'
import type { LiveIndex } from '@countersign/guard/revocations'
import type { EpochSeconds } from '@countersign/jwt'
import type { StatusOwner, Store } from '../store/port/store.ts'
import { addressUnder } from '../tokens/address-under.ts'
import type { StatusClaim } from '../tokens/plan.ts'
import { encodeStatusList, statuses } from './status-list.ts'

export interface StatusListsDeps {
  readonly store: Pick<Store, 'statusLists'>
  readonly index: LiveIndex
  readonly issuer: string
  readonly now: () => EpochSeconds
  readonly randomId: () => string
  /** Gives an unguessable whole number from 0 up to, not including, the bound. */
  readonly randomBelow: (bound: number) => number
  /** Signs with a key that verifiers of this audience find in the issuer's key set. */
  readonly sign: (claims: object, typ: string, audience: string) => string | Promise<string>
}

/** One signed list. Units: seconds. */
export interface SignedStatusList {
  readonly token: string
  readonly ttlSeconds: number
}

export interface StatusLists {
  /** Gives the reference for a token; without waiting where its owner has a place. */
  readonly refer: (
    owner: Omit<StatusOwner, 'issuedAfter'>,
    until: EpochSeconds,
  ) => StatusClaim | Promise<StatusClaim>
  /** Gives the signed list; `undefined` for an unknown list. */
  readonly render: (list: string) => Promise<SignedStatusList | undefined>
  /** Forgets the places and signed lists in memory, because the database may have lost them. */
  readonly forgetAll: () => void
}

/** Entries of one list; with places taken at random, the next list begins when about two thirds are in use. */
const statusListSize = 2 ** 17
const triesMax = 16

/** Units: seconds. Verifiers ask again after `ttl`. Places are extended by `stepSeconds`, so that few tokens cause a write. */
const ttlSeconds = 60
const lifeSeconds = 3600
const stepSeconds = 3600

/** Units: owners, signed lists that are kept. */
const ownersMax = 10_000
const listsMax = 32

/**
 * Units: places of a list for which it is kept one more second after a revocation.
 * Why: after any revocation the next request, even of a stranger, reads all its places again.
 */
const placesPerSecond = 10_000

interface Kept {
  readonly madeAt: EpochSeconds
  readonly generation: number
  readonly restSeconds: number
  readonly signed: SignedStatusList
}

const minuteOf = (moment: EpochSeconds): number => Math.floor(moment / ttlSeconds)

/**
 * Gives tokens a place in a Token Status List and publishes the lists, for verifiers that follow no feed.
 * Why: each family or client version has one random place, so a list does not show how many tokens there are or who has
 * them. Its bits follow from the same entries that guards check.
 * Not checked: single tokens revoked by `jti`; they share a place with others and are only in the feed.
 * Source: draft-ietf-oauth-status-list §5.1 (list token), §6.1 (reference), §13 (privacy).
 */
export function createStatusLists(deps: StatusListsDeps): StatusLists {
  const { store, index, issuer, now } = deps
  const owners = new Map<string, { readonly claim: StatusClaim; readonly until: number }>()
  const kept = new Map<string, Kept>()
  const share = coalesceByName<SignedStatusList | undefined>()
  const uriOf = (list: string) => addressUnder(issuer, `/status-lists/${list}`)

  async function place(
    name: string,
    owner: StatusOwner,
    until: EpochSeconds,
  ): Promise<StatusClaim> {
    const kept = (until + stepSeconds) as EpochSeconds
    const positions = Array.from({ length: triesMax }, () => deps.randomBelow(statusListSize))
    const placed = await store.statusLists.place(owner, kept, {
      listId: deps.randomId(),
      positions,
    })
    const claim = { status_list: { idx: placed.position, uri: uriOf(placed.list) } }
    if (owners.size >= ownersMax) owners.clear()
    owners.set(name, { claim, until: kept })
    return claim
  }

  async function sign(
    list: string,
    audience: string,
    revoked: Iterable<readonly [number, number]>,
  ): Promise<SignedStatusList> {
    const iat = Math.floor(now())
    const claims = {
      iss: issuer,
      sub: uriOf(list),
      iat,
      exp: iat + lifeSeconds,
      ttl: ttlSeconds,
      status_list: encodeStatusList(1, statusListSize, revoked),
    }
    return { token: await deps.sign(claims, 'statuslist+jwt', audience), ttlSeconds }
  }

  async function make(list: string): Promise<SignedStatusList | undefined> {
    const found = await store.statusLists.entries(list)
    if (found === undefined) return undefined
    const { audience, entries } = found
    const about = { madeAt: now(), generation: index.generation() }
    const revoked = entries
      .filter(isRevoked)
      .map(({ position }) => [position, statuses.invalid] as const)
    const signed = await sign(list, audience, revoked)
    kept.delete(list)
    for (const [oldest] of kept) {
      if (kept.size < listsMax) break
      kept.delete(oldest)
    }
    kept.set(list, { ...about, signed, restSeconds: Math.floor(entries.length / placesPerSecond) })
    return signed
  }

  /** Whether a kept list is still current: within its minute and without a new revocation, or within its rest time. */
  function isCurrent({ madeAt, generation, restSeconds }: Kept): boolean {
    const age = Math.abs(now() - madeAt)
    if (age < restSeconds) return true
    return generation === index.generation() && minuteOf(madeAt) === minuteOf(now())
  }

  function isRevoked({
    sid,
    issuedAfter,
    subject,
    ...owner
  }: Omit<StatusOwner, 'audience'>): boolean {
    if (issuedAfter < index.issuedUpTo()) return true
    const facts = { jti: '', iat: Infinity, sid: sid ?? undefined, sub: subject, ...owner }
    return index.check(facts) !== 'live'
  }

  return {
    refer(given, until) {
      const owner = { ...given, issuedAfter: index.issuedUpTo() }
      const name = JSON.stringify(owner)
      const known = owners.get(name)
      return known !== undefined && known.until >= until ? known.claim : place(name, owner, until)
    },
    async render(list) {
      const known = kept.get(list)
      if (known !== undefined && isCurrent(known)) return known.signed
      return share(list, () => make(list))
    },
    forgetAll() {
      owners.clear()
      kept.clear()
    },
  }
}
