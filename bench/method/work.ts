/**
 * Does the measured thing a number of times.
 * Throws: when an answer is not the expected one, so that nothing fast and wrong is ever measured.
 */
export type Work = (operations: number) => void | Promise<void>

/** The export of a contender's module: it reads its argument once and returns the prepared work. */
export type Prepare = (argument: string) => Work | Promise<Work>
