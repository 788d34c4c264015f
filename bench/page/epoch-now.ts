/** Epoch milliseconds with fractions: comparable between pages of one machine. */
export function epochNow(): number {
  return performance.timeOrigin + performance.now()
}
