/** Epoch milliseconds with fractions. They can be compared between pages on the same machine. */
export function epochNow(): number {
  return performance.timeOrigin + performance.now()
}
