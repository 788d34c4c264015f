import { hlcNode } from '../protocol/hlc'
import { OVERWROTE_REPLY_TEXT } from '../protocol/limits'
import { recordKey } from '../protocol/record-key'
import type { AcceptedOp, RejectedOp } from './push-item'
import type { RecordRow } from './record-row'
import type { Revision } from '../protocol/revision'

/** What the store answered to one op: applied (perhaps over `overwrote`), or beaten by `winner`. */
export interface RememberedResult {
  version: number
  overwrote?: RecordRow
  winner?: RecordRow
  /** What earlier ops of this writer replaced, as it was never heard to know. */
  unheard?: RecordRow[]
}

/**
 * What one writer was last answered: the successful results of the last batch with ops of its HLC node, and what may be unheard of
 * those before, by {@link opFingerprint}. A writer is a node, not a device: device ids are copied with their databases.
 */
export type PushMemory = Map<string, RememberedResult>

/** Memories kept of one user in one workspace. The one that was written longest ago goes first. */
export const MEMORIES_PER_USER = 64
/** Characters that they may take together, as they are stored. The newest is always kept. */
export const MEMORIES_MAX_TEXT = 16 * 1024 * 1024

/** More entries than this are never kept for one writer: two full requests. */
const MEMORY_MAX_OPS = 2_000
/** Characters of replaced payloads kept for one writer: twice what one batch may replace. */
const OVERWROTE_MAX_TEXT = 2 * OVERWROTE_REPLY_TEXT
/** What is carried over from batch to batch is written with each: a little, then. */
const UNHEARD_MAX_OPS = 20
const UNHEARD_MAX_TEXT = 64 * 1024
/** Of what was simply taken: about 25 bytes each. */
const UNHEARD_MAX_PLAIN = 64
/** Characters of payload text kept for one device; above it winners are remembered without their payload. */
const MEMORY_MAX_TEXT = 2 * 1024 * 1024

/** The nodes whose memories a batch needs: those that stamped its ops, and those that its ops name as their own. */
export function writersOf(items: readonly (Pick<AcceptedOp, 'kind' | 'stamp' | 'unheard'> | Pick<RejectedOp, 'kind'>)[]): Set<string> {
  return new Set(items.flatMap(item => item.kind === 'op' ? [hlcNode(item.stamp.hlc), ...item.unheard ?? []] : []))
}

/**
 * Which memories of a user go, once this batch's are stored.
 *
 * @param known Every memory of the user in the workspace, with the length of its text, newest first.
 */
export function forgottenWriters(known: readonly { node: string, length: number }[]): string[] {
  let text = 0
  const first = known.findIndex(({ length }, index) => index >= MEMORIES_PER_USER || ((text += length) > MEMORIES_MAX_TEXT && index > 0))
  return first < 0 ? [] : known.slice(first).map(({ node }) => node)
}

/** A short name of one exact op: 53 bits are plenty among the few hundred ops of one writer's batch. */
export function opFingerprint(tableName: string, pk: string, revision: Revision): string {
  return cyrb53(`${tableName}\u0000${pk}\u0000${revision.clock}\u0000${revision.hlc}\u0000${revision.opId}`)
}

/** cyrb53 (public domain, bryc): a fast 53-bit text hash that needs no platform crypto. */
function cyrb53(text: string): string {
  let h1 = 0xDEADBEEF
  let h2 = 0x41C6CE57
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    h1 = Math.imul(h1 ^ code, 2654435761)
    h2 = Math.imul(h2 ^ code, 1597334677)
  }
  h1 = Math.imul(h1 ^ (h1 >>> 16), 2246822507) ^ Math.imul(h2 ^ (h2 >>> 13), 3266489909)
  h2 = Math.imul(h2 ^ (h2 >>> 16), 2246822507) ^ Math.imul(h1 ^ (h1 >>> 13), 3266489909)
  return (4294967296 * (2097151 & h2) + (h1 >>> 0)).toString(36)
}

/** Both memories; where that is too much, the oldest entries go. */
export function mergePushMemories(older: PushMemory, newer: PushMemory): PushMemory {
  const entries = [...older].filter(([fingerprint]) => !newer.has(fingerprint)).concat([...newer])
  let first = entries.length
  let text = 0
  while (first > 0 && entries.length - first < MEMORY_MAX_OPS) {
    text += replacedText(entries[first - 1]![1])
    if (text > OVERWROTE_MAX_TEXT) break
    first--
  }
  return new Map(entries.slice(first))
}

/**
 * The newest answers of which nobody knows whether they were heard, for an edit may be held back, or wait aside, while others go on:
 *
 * - Those that say what was replaced, of records that are not sent now. They stay until the writer sends the record again.
 * - Those of edits that were simply taken. What was made upon such an edit since would else look to it like a conflict.
 */
export function perhapsUnheard(memory: PushMemory, isSent: (key: string) => boolean): PushMemory {
  const plain = [...memory].filter(([, { overwrote, unheard, winner }]) => !overwrote && !unheard && !winner).slice(-UNHEARD_MAX_PLAIN)
  return new Map([...plain, ...replacing(memory, isSent)])
}

function replacing(memory: PushMemory, isSent: (key: string) => boolean): [string, RememberedResult][] {
  const entries = [...memory].filter(([, { overwrote, unheard }]) => {
    const replaced = overwrote ?? unheard?.[0]
    return replaced && !isSent(recordKey(replaced.tableName, replaced.pk))
  }).slice(-UNHEARD_MAX_OPS)
  let text = 0
  const first = entries.findLastIndex(([, result]) => (text += replacedText(result)) > UNHEARD_MAX_TEXT) + 1
  return entries.slice(first)
}

/** Characters of the replaced payloads that this answer keeps. */
function replacedText({ overwrote, unheard = [] }: RememberedResult): number {
  return [...overwrote ? [overwrote] : [], ...unheard].reduce((sum, row) => sum + (row.payload?.length ?? 0), 0)
}

/** One answer as it is stored: nothing but its version in the common case, about 20 bytes. */
type StoredEntry = [fingerprint: string, version: number, rest?: Omit<RememberedResult, 'version'>]

/** The memory as text for the store. Winners beyond `maxText` characters of payloads are kept without theirs. */
export function encodePushMemory(memory: PushMemory, maxText = MEMORY_MAX_TEXT): string {
  let budget = maxText
  const entries: StoredEntry[] = []
  for (const [fingerprint, result] of memory) {
    const { version, overwrote, winner, unheard } = result
    if (!overwrote && !winner && !unheard) {
      entries.push([fingerprint, version])
      continue
    }
    budget -= replacedText(result)
    const length = winner?.payload?.length ?? 0
    // A winner can be pulled; what was replaced is nowhere else.
    const kept = winner && length > budget ? { ...winner, payload: null } : winner
    if (kept === winner) budget -= length
    entries.push([fingerprint, version, { overwrote, winner: kept, unheard }])
  }
  return JSON.stringify(entries)
}

/** @returns an empty memory for null: the writer never pushed. */
export function decodePushMemory(text: string | null): PushMemory {
  const memory: PushMemory = new Map()
  if (text === null) return memory
  for (const [fingerprint, version, rest] of JSON.parse(text) as StoredEntry[]) memory.set(fingerprint, { version, ...rest })
  return memory
}
