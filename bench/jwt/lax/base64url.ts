// What the runtime's forgiving reader would cost: takes the place of the core's strict base64url in one bench.

export function encodeBase64url(bytes: Uint8Array | string): string {
  return Buffer.from(bytes as Uint8Array).toString('base64url')
}

export function decodeBase64url(text: string): Buffer<ArrayBuffer> | undefined {
  return Buffer.from(text, 'base64url')
}

export function decodeBase64urlInto(buffer: Buffer, text: string): number {
  return buffer.write(text, 0, 'base64url')
}
