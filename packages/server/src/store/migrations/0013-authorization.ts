import type { Migration } from '../port/migration.ts'

/** The code flow: waiting requests, consents, codes, and the sessions of users at clients. */
export const authorization: Migration = {
  number: 13,
  name: 'authorization',
  statements: [
    // The settings of a client that signs users in, as JSON text; none for all other clients.
    `alter table clients add column sign_in text`,
    `create table authorizations (
      hash text primary key,
      browser_hash text not null,
      client_id text not null,
      request text not null,
      started_at double precision not null,
      expires_at double precision not null
    )`,
    `create index authorizations_by_browser on authorizations (browser_hash)`,
    `create index authorizations_by_end on authorizations (expires_at)`,
    `create table consents (
      user_id text not null,
      client_id text not null,
      audience text not null,
      redirect_host text not null,
      scopes text not null,
      given_at double precision not null,
      primary key (user_id, client_id, audience, redirect_host)
    )`,
    `create index consents_by_client on consents (client_id)`,
    // A used code stays for a day, so that its second use is known as one.
    `create table codes (
      hash text primary key,
      client_id text not null,
      redirect_uri text not null,
      user_id text not null,
      session_sid text not null,
      challenge text not null,
      jkt text not null,
      audience text not null,
      scopes text not null,
      identity_scopes text not null,
      id_token_claims text not null,
      userinfo_claims text not null,
      nonce text,
      offline smallint not null,
      auth_time double precision not null,
      acr text not null,
      amr text not null,
      attempts_left bigint not null,
      family_sid text,
      expires_at double precision not null
    )`,
    `create index codes_by_end on codes (expires_at)`,
    `create index codes_by_user on codes (user_id)`,
    // A row without its family is ended, and is pruned.
    `create table client_sessions (
      sid text primary key,
      session_sid text not null,
      client_id text not null,
      user_id text not null,
      auth_time double precision not null,
      acr text not null,
      amr text not null,
      identity_scopes text not null,
      id_token_claims text not null,
      userinfo_claims text not null
    )`,
    `create index client_sessions_by_session on client_sessions (session_sid)`,
    `create index client_sessions_by_user on client_sessions (user_id)`,
  ],
}
