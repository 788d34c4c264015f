/** Whether IndexedDB can hold it: no function, symbol or proxy in it. */
export function isStorable(value: unknown): boolean {
  try {
    structuredClone(value)
    return true
  }
  catch { return false }
}
