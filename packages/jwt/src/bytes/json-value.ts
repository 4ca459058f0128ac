/** A value that JSON can spell. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [member: string]: JsonValue }

/** One JSON object. */
export type JsonObject = { readonly [member: string]: JsonValue }
