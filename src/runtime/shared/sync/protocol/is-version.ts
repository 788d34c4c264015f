/** Whether this can be a version or a cursor: a whole number, 0 or more. */
export function isVersion(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
