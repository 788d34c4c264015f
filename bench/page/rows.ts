/** A row like a chat message or a to-do: about 390 bytes of JSON, a UUID as key and one index. */
export interface Row {
  id: string
  list_id: string
  title: string
  body: string
  done: boolean
  position: number
  created_at: number
}

const LISTS = 20
const BODY = 'Local-first software keeps the primary copy of the data on the device, and the server holds one more. '.repeat(2)

/** Makes row number `position` of a run, with a new key at each call. */
export function makeRow(position: number): Row {
  return {
    id: crypto.randomUUID(),
    list_id: `list-${position % LISTS}`,
    title: `Row number ${position} of this run`,
    body: BODY,
    done: position % 3 === 0,
    position,
    created_at: 1_760_000_000_000 + position,
  }
}

/** Makes `count` rows with new keys, numbered from `first`. */
export function makeRows(count: number, first = 0): Row[] {
  return Array.from({ length: count }, (_, index) => makeRow(first + index))
}
