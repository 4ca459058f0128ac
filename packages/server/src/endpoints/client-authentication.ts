import type { Result } from '@countersign/jwt'
import type { Form } from '../grants/form.ts'
import type { Awaitable } from '../grants/grant.ts'
import type { HttpReply, HttpRequest } from '../http/exchange.ts'
import type { ClientRecord } from '../store/port/records.ts'
import type { SpentId } from '../store/port/store.ts'

/** A client that proved who it is (or a public one that said so), and the single-use ids that this took. */
export interface AuthenticatedClient {
  readonly client: ClientRecord
  readonly spend: readonly SpentId[]
}

/** Authenticates the client of a form request; a refusal is ready to be sent. */
export type AuthenticateClient = (
  request: HttpRequest,
  form: Form,
) => Awaitable<Result<AuthenticatedClient, HttpReply>>
