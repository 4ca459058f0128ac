// What a reader without our rules would cost: takes the place of the core's strict JSON in one bench.
import type {
  JsonLimits,
  JsonObject,
  JsonRefusal,
  JsonValue,
} from '../../../packages/jwt/src/bytes/strict-json.ts'
import type { Result } from '../../../packages/jwt/src/result.ts'

export const defaultJsonLimits = { bytesMax: 65_536, depthMax: 16, membersMax: 1_024 } as const

export function parseStrictJson(
  input: Uint8Array | string,
  _limits?: JsonLimits,
): Result<JsonValue, JsonRefusal> {
  const text = typeof input === 'string' ? input : Buffer.from(input).toString()
  return { ok: true, value: JSON.parse(text) }
}

export function parseStrictJsonIn(
  bytes: Buffer,
  end: number,
  _limits?: unknown,
): Result<JsonValue, JsonRefusal> {
  return { ok: true, value: JSON.parse(bytes.toString('utf8', 0, end)) }
}

export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
