import { compareRevisions, type Revision } from '#or3-sync/shared/sync/protocol/revision'
import type { DeviceState, Edit, ModelConflict, ModelState } from './model-state'

/** What must hold in every state. @returns what does not, or null. */
export function checkState(state: ModelState): string | null {
  return checkConserved(state) ?? checkConflicts(state) ?? first(state.devices, device => checkCursor(state, device))
}

/** What must hold of every step. */
export function checkStep(before: ModelState, after: ModelState): string | null {
  if (isBelow(after.server.row?.stamp, before.server.row?.stamp)) return '(c) the store\'s revision falls'
  return first(after.devices, (device) => {
    const earlier = before.devices.find(({ name }) => name === device.name)!
    if (!isBelow(device.here?.stamp, earlier.here?.stamp)) return null
    const { row } = after.server
    // A rescan removes what the store has deleted, and only that.
    if (!device.here && row?.op === 'delete' && isBelow(earlier.here!.stamp, row.stamp)) return null
    return `(c) the revision falls on ${device.name}`
  })
}

/** What must hold when nothing is left to do. */
export function checkRest(state: ModelState): string | null {
  const { row } = state.server
  const stored = row?.op === 'put' ? contentOf(row.payload) : null
  return first(state.devices, ({ name, here, outbox }) => {
    const local = here?.op === 'put' ? here.edit : null
    if (outbox.length) return `(g) ${name} rests with a full queue`
    return local === stored ? null : `(b) ${name} has ${local ?? 'nothing'}, the store has ${stored ?? 'nothing'}`
  }) ?? first(state.edits, edit => isKept(state, edit, row ? row.payload ? contentOf(row.payload) : row.stamp.opId : null) ? null : `(a) ${edit.id} is lost: nobody has it, built upon it or keeps it`)
}

/** (a) Every committed edit is in the store, below the store's revision, or in the queue. */
function checkConserved({ edits, devices, server }: ModelState): string | null {
  return first(edits, ({ id, device, revision }) => {
    if (server.row && compareRevisions(server.row.stamp, revision) >= 0) return null
    const { outbox } = devices.find(({ name }) => name === device)!
    return outbox.some(({ ops }) => ops.some(op => compareRevisions(op, revision) >= 0)) ? null : `(a) ${id} is neither in the store nor waiting`
  })
}

/** (d) What the cursor has passed is here, or something higher. */
function checkCursor({ server: { row } }: ModelState, { name, cursor, walk, here, outbox }: DeviceState): string | null {
  if (walk || !row || row.serverVersion > cursor) return null
  // An edit that waits is answered with what beat it.
  const isMissing = row.op === 'put' ? isBelow(here?.stamp, row.stamp) : here?.op === 'put' && !outbox.length && isBelow(here.stamp, row.stamp)
  return isMissing ? `(d) the cursor of ${name} has passed version ${row.serverVersion}, which is not here` : null
}

/** A conflict is between two edits neither of which knew the other, and one device keeps it. */
function checkConflicts({ edits, devices }: ModelState): string | null {
  const kept = devices.flatMap(({ conflicts }) => conflicts)
  return first(kept, (conflict) => {
    const { local, remote } = conflict
    if (descends(edits, local, remote) || descends(edits, remote, local)) return `a conflict that never was: ${local} and ${remote}`
    return kept.filter(other => isSamePair(other, conflict)).length > 1 ? `two devices keep ${local} and ${remote}` : null
  })
}

function isSamePair(a: ModelConflict, b: ModelConflict): boolean {
  return (a.local === b.local && a.remote === b.remote) || (a.local === b.remote && a.remote === b.local)
}

/** Whether `id` was made upon `other`, or is it. */
function descends(edits: readonly Edit[], id: string, other: string): boolean {
  for (let at: string | null | undefined = id; at; at = edits.find(edit => edit.id === at)?.parent) if (at === other) return true
  return false
}

/** In the store, built upon, or one side of a conflict. A delete has nothing to lose but itself. */
function isKept(state: ModelState, edit: Edit, stored: string | null): boolean {
  if (edit.op === 'delete' || edit.id === stored) return true
  if (state.devices.some(({ conflicts }) => conflicts.some(({ local, remote }) => local === edit.id || remote === edit.id))) return true
  return state.edits.some(child => child.parent === edit.id && isKept(state, child, stored))
}

function isBelow(a: Revision | undefined, b: Revision | undefined): boolean {
  return b !== undefined && (a === undefined || compareRevisions(a, b) < 0)
}

function contentOf(payload: string | null): string {
  return (JSON.parse(payload!) as { edit: string }).edit
}

function first<T>(items: readonly T[], check: (item: T) => string | null): string | null {
  for (const item of items) {
    const problem = check(item)
    if (problem) return problem
  }
  return null
}
