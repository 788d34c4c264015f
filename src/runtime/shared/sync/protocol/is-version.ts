/** Whether this can be a version of the store, or a place in its feed: a whole number from 0. */
export function isVersion(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
