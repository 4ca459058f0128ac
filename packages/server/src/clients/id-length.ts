/** Units: characters. */
export const clientIdLengthMax = 256
