/** The client of browser sessions, which the service makes. It has no grant, so it gets nothing at the token endpoint. */
export const sessionClientId = 'countersign-sessions'
