import { gzippedSize } from '../bundle.ts'

/** How many bytes, minified and gzipped, the engine and its gateway provider add to an app that has Dexie already. */
export async function measureBundleSize(): Promise<number> {
  const dexie = `export { Dexie, liveQuery } from 'dexie'`
  const engine = `export { createSyncEngine, GatewaySyncProvider } from 'or3-sync/client'`
  return await gzippedSize(`${dexie}\n${engine}`) - await gzippedSize(dexie)
}
