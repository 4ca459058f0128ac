/**
 * How far a clock may be set ahead, and later back, before something that was taken back could live again: what names it
 * is kept for so much longer. Units: seconds.
 */
export const clockStepSecondsMax = 3_600
