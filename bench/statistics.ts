/** The value below which `fraction` of the values lie (nearest rank). */
export function percentile(values: readonly number[], fraction: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const value = sorted[Math.max(0, Math.ceil(sorted.length * fraction) - 1)]
  if (value === undefined) throw new Error('a percentile needs at least one value')
  return value
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5)
}
