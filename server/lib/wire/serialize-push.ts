import type { FoldedResult } from '#or3-sync/shared/sync/store/fold-output'
import { jsonList } from './json-list'
import { serializeRow } from './serialize-feed'

export interface PushReply {
  results: readonly FoldedResult[]
  serverVersion: number
  /** True: the store was restored to an older state since the device last heard of it. */
  restored?: boolean
}

/** A push response as JSON, with the payloads as the store holds them. */
export function serializePush({ results, serverVersion, restored }: PushReply, serverTime: number): Buffer {
  const rest = JSON.stringify({ serverVersion, serverTime, restored: restored || undefined })
  return Buffer.concat([Buffer.from('{"results":'), ...jsonList(results.map(result => Buffer.from(serializeResult(result)))), Buffer.from(`,${rest.slice(1)}`)])
}

function serializeResult({ winner, overwrote, overwroteEarlier, current, ...plain }: FoldedResult): string {
  let text = JSON.stringify(plain)
  for (const [name, row] of [['winner', winner], ['overwrote', overwrote], ['current', current]] as const) {
    if (row) text = `${text.slice(0, -1)},"${name}":${serializeRow(row, false)}}`
  }
  if (overwroteEarlier) text = `${text.slice(0, -1)},"overwroteEarlier":[${overwroteEarlier.map(row => serializeRow(row, false)).join(',')}]}`
  return text
}
