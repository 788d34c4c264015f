import type { PendingOp } from 'or3-sync/client'

export interface Edit {
  /** `e1`, `e2`, …: a put carries it in the row. */
  id: string
  tab: string
  device: string
  tableName: string
  pk: string
  op: 'put' | 'delete'
  /** The edit whose result this one was made upon, as the device's own database said; null: there was nothing. */
  parent: string | null
  status: 'open' | 'committed' | 'aborted'
  /** Of its first revision. */
  opId?: string
  /** Of every revision that it had: ids change when an edit is stamped anew. */
  readonly opIds: Set<string>
  /** Of its first revision. */
  clock?: number
  /** Never to leave its device. */
  secret?: boolean
  /** `capture` says that it is to wait. */
  isHeld?: boolean
  /** A delete of a row that only this device had: nobody has to hear of it. */
  isPrivate?: boolean
  /** The database that it was made in was deleted since. */
  isWiped?: boolean
  /** Nobody has had it, or anything above it, since its database was deleted and the store restored from before it. */
  isForgotten?: boolean
  /** Devices whose users gave it up after it was refused there: after a restored store a device may send what another has made. */
  readonly discardedBy: Set<string>
  /** Devices whose users tried it again after it was refused there: it was raised above what had arrived since. */
  readonly retriedBy: Set<string>
}

/** Every edit that the simulated users made, and which edit knew which. */
export class Journal {
  readonly edits = new Map<string, Edit>()
  /** Op id -> edit: ids change when an edit is stamped anew. */
  readonly #byOp = new Map<string, string>()
  readonly #children = new Map<string, Edit[]>()

  open(edit: Omit<Edit, 'id' | 'status' | 'parent' | 'opIds' | 'discardedBy' | 'retriedBy'>): Edit {
    const opened: Edit = { ...edit, id: `e${this.edits.size + 1}`, status: 'open', parent: null, opIds: new Set(), discardedBy: new Set(), retriedBy: new Set() }
    this.edits.set(opened.id, opened)
    return opened
  }

  /** Called when the edit's transaction is over. */
  close(edit: Edit, status: 'committed' | 'aborted'): void {
    edit.status = status
    if (status === 'aborted' || edit.parent === null) return
    const siblings = this.#children.get(edit.parent)
    if (siblings) siblings.push(edit)
    else this.#children.set(edit.parent, [edit])
  }

  /** The engine has captured an edit: now its op id is known. */
  captured(tab: string, op: PendingOp): void {
    const id = op.payload ? String(op.payload.edit) : this.#openDelete(tab, op)
    if (id === undefined) return
    this.alias(op.stamp.opId, id)
    const edit = this.edits.get(id)
    if (edit) edit.clock ??= op.stamp.clock
  }

  alias(opId: string, editId: string): void {
    this.#byOp.set(opId, editId)
    const edit = this.edits.get(editId)
    if (!edit) return
    edit.opId ??= opId
    edit.opIds.add(opId)
  }

  /** The op ids under which an edit was ever seen: it may have been stamped anew. */
  opsOf(editId: string): string[] {
    return [...this.#byOp].flatMap(([opId, edit]) => edit === editId ? [opId] : [])
  }

  ofOp(opId: string): string | undefined {
    return this.#byOp.get(opId)
  }

  children(id: string): readonly Edit[] {
    return this.#children.get(id) ?? []
  }

  /** Whether `later` was made in knowledge of `earlier`. */
  knew(later: string, earlier: string): boolean {
    for (let id: string | null | undefined = later; id; id = this.edits.get(id)?.parent) if (id === earlier) return true
    return false
  }

  /** The edit made directly upon `earlier`, on the way to `later`; undefined where `later` did not know it. */
  firstUpon(earlier: string, later: string): Edit | undefined {
    for (let edit = this.edits.get(later); edit; edit = this.edits.get(edit.parent ?? '')) if (edit.parent === earlier) return edit
    return undefined
  }

  /** The newest edit, from `id` back, that others had to hear of: a private row's own edits have no op, unless it was shared before. */
  announced(id: string): Edit | undefined {
    let edit = this.edits.get(id)
    while (edit && edit.opId === undefined) edit = edit.parent === null ? undefined : this.edits.get(edit.parent)
    return edit
  }

  of(tableName: string, pk: string): Edit[] {
    return [...this.edits.values()].filter(edit => edit.tableName === tableName && edit.pk === pk)
  }

  #openDelete(tab: string, op: PendingOp): string | undefined {
    for (const edit of this.edits.values()) {
      if (edit.tab === tab && edit.tableName === op.tableName && edit.pk === op.pk && edit.opId === undefined && edit.status === 'open' && (edit.op === 'delete' || edit.secret)) return edit.id
    }
    return undefined
  }
}
