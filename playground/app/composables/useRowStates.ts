/** The store has refused an edit of the row. */
export interface Refusal { name: 'refused', opId: string, reason: string }

/** How far a row has come on its way to the store. */
export type RowState = { name: 'sent' } | { name: 'waiting' } | { name: 'sending' } | Refusal

/** How far the rows of a table have come, by key. Null where nothing is ever sent: sync is off, or nobody is signed in. */
export function useRowStates(tableName: string): (pk: string) => RowState | null {
  const { pending, failed } = useSyncQueue()
  const status = useSyncStatus()
  const waiting = computed(() => new Set(pending.value.filter(op => op.tableName === tableName).map(op => op.pk)))
  const refused = computed(() => new Map(failed.value.filter(op => op.tableName === tableName).map(op => [op.pk, op])))

  return (pk) => {
    const op = refused.value.get(pk)
    if (op) return { name: 'refused', opId: op.id, reason: refusalWords(op) }
    if (waiting.value.has(pk)) return { name: 'waiting' }
    return status.state === 'disabled' ? null : { name: 'sent' }
  }
}
