import type { FoldedResult } from '#or3-sync/shared/sync/fold-push'
import { jsonList } from './json-list'
import { serializeRow } from './serialize-feed'

/** A push response as JSON, with the payloads as the store holds them. */
export function serializePush(results: readonly FoldedResult[], serverVersion: number, serverTime: number): Buffer {
  return Buffer.concat([
    Buffer.from('{"results":'), ...jsonList(results.map(result => Buffer.from(serializeResult(result)))), Buffer.from(`,"serverVersion":${serverVersion},"serverTime":${serverTime}}`),
  ])
}

function serializeResult({ winner, overwrote, overwroteEarlier, current, ...plain }: FoldedResult): string {
  let text = JSON.stringify(plain)
  for (const [name, row] of [['winner', winner], ['overwrote', overwrote], ['current', current]] as const) {
    if (row) text = `${text.slice(0, -1)},"${name}":${serializeRow(row, false)}}`
  }
  if (overwroteEarlier) text = `${text.slice(0, -1)},"overwroteEarlier":[${overwroteEarlier.map(row => serializeRow(row, false)).join(',')}]}`
  return text
}
