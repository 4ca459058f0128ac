/**
 * How far a clock may be ahead and later be corrected. Rows that name something revoked or used are kept for so much
 * longer, so that none of it is valid again. Units: seconds.
 */
export const clockStepSecondsMax = 3_600
