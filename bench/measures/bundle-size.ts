import { gzippedSize } from '../bundle.ts'

/** What the engine with its gateway provider adds to an app that has Dexie already, in bytes, minified and gzipped. */
export async function measureBundleSize(): Promise<number> {
  const dexie = `export { Dexie, liveQuery } from 'dexie'`
  const engine = `export { createSyncEngine, GatewaySyncProvider } from 'or3-sync/client'`
  return await gzippedSize(`${dexie}\n${engine}`) - await gzippedSize(dexie)
}
