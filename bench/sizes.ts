/** How many times as many rows as `--rows` a case has. */
export const SMALL = 0.1
export const LARGE = 10
export const HUGE = 100
