/**
 * Does the measured thing a number of times.
 * Throws: when an answer is not the expected one, so that nothing fast and wrong is ever measured.
 */
export type Work = (operations: number) => void | Promise<void>

/** What a contender's module exports: it reads its argument once and gives the prepared work. */
export type Prepare = (argument: string) => Work | Promise<Work>
