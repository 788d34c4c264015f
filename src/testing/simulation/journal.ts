import type { PendingOp } from 'or3-sync/client'

export interface Edit {
  /** `e1`, `e2`, …. A put carries it in its row. */
  id: string
  tab: string
  device: string
  tableName: string
  pk: string
  op: 'put' | 'delete'
  /** The edit that this one was made upon, by the device's own database. Null: the record did not exist. */
  parent: string | null
  status: 'open' | 'committed' | 'aborted'
  /** The same for all edits of one transaction of the app. */
  group?: string
  /** The op id of its first revision. */
  opId?: string
  /** The op ids of all its revisions. An edit gets another one when it is stamped anew. */
  readonly opIds: Set<string>
  /** The clock of its first revision. */
  clock?: number
  /** The row is private and must never leave its device. */
  secret?: boolean
  /** `capture` holds it back. */
  isHeld?: boolean
  /** The version of the app that wrote it keeps the row on its device. Another version may share it. */
  isKept?: boolean
  /** It deletes a row that only this device had, so nobody else has to learn of it. */
  isPrivate?: boolean
  /** The database that it was made in has been deleted since. */
  isWiped?: boolean
  /** Nobody has it, or an edit made upon it, any more: its database was deleted and the store was restored from an older copy. */
  isForgotten?: boolean
  /** Devices on which it was refused and discarded. They may be others than the author's: after a restore devices send each other's edits. */
  readonly discardedBy: Set<string>
  /** Devices on which it was refused and retried. The retry raised it above what had arrived meanwhile. */
  readonly retriedBy: Set<string>
}

/** Records every edit of the simulated users, and which edits were made knowing which others. */
export class Journal {
  readonly edits = new Map<string, Edit>()
  /** Op id -> edit. An edit may have several op ids, because it gets another one when it is stamped anew. */
  readonly #byOp = new Map<string, string>()
  readonly #children = new Map<string, Edit[]>()

  open(edit: Omit<Edit, 'id' | 'status' | 'parent' | 'opIds' | 'discardedBy' | 'retriedBy'>): Edit {
    const opened: Edit = { ...edit, id: `e${this.edits.size + 1}`, status: 'open', parent: null, opIds: new Set(), discardedBy: new Set(), retriedBy: new Set() }
    this.edits.set(opened.id, opened)
    return opened
  }

  /** Call this when the edit's transaction has ended. */
  close(edit: Edit, status: 'committed' | 'aborted'): void {
    edit.status = status
    if (status === 'aborted' || edit.parent === null) return
    const siblings = this.#children.get(edit.parent)
    if (siblings) siblings.push(edit)
    else this.#children.set(edit.parent, [edit])
  }

  /** Call this when the engine has captured an edit. Its op id is known from then on. */
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

  /** All op ids of an edit. There are several when it was stamped anew. */
  opsOf(editId: string): string[] {
    return [...this.#byOp].flatMap(([opId, edit]) => edit === editId ? [opId] : [])
  }

  ofOp(opId: string): string | undefined {
    return this.#byOp.get(opId)
  }

  children(id: string): readonly Edit[] {
    return this.#children.get(id) ?? []
  }

  /** Whether `later` was made by a device that knew `earlier`. */
  knew(later: string, earlier: string): boolean {
    for (let id: string | null | undefined = later; id; id = this.edits.get(id)?.parent) if (id === earlier) return true
    return false
  }

  /** The first edit after `earlier` in the chain that leads to `later`. Undefined: `later` was not made upon `earlier`. */
  firstUpon(earlier: string, later: string): Edit | undefined {
    for (let edit = this.edits.get(later); edit; edit = this.edits.get(edit.parent ?? '')) if (edit.parent === earlier) return edit
    return undefined
  }

  /** The newest edit, going back from `id`, that other devices have to learn of. Edits of a row that was always private have no op. */
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
      if (edit.tab === tab && edit.tableName === op.tableName && edit.pk === op.pk && edit.opId === undefined && edit.status === 'open' && (edit.op === 'delete' || edit.secret || edit.isKept)) return edit.id
    }
    return undefined
  }
}
