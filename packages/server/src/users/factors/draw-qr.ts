/** The modules of a QR code, row by row; `true` is dark. */
export type QrModules = readonly (readonly boolean[])[]

/** Draws a text as a QR code with a quiet border of four modules. Source: ISO/IEC 18004. */
export async function drawQr(text: string): Promise<QrModules> {
  const { encodeQR } = await import('qr')
  return encodeQR(text, 'raw', { ecc: 'medium', border: 4 })
}
