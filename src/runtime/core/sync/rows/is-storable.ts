/** Whether IndexedDB can store a value. It cannot store functions, symbols and proxies. */
export function isStorable(value: unknown): boolean {
  try {
    structuredClone(value)
    return true
  }
  catch { return false }
}
