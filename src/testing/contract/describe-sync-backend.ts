import { afterEach, beforeEach, describe } from 'vitest'
import type { SyncBackend } from 'or3-sync/server'
import { describeAnswers } from './backend/answers'
import { describeDeletes } from './backend/deletes'
import { describeErasing } from './backend/erasing'
import { describeLevelSteps } from './backend/level-steps'
import { describePages } from './backend/pages'
import { describeRefusedWrites } from './backend/refused-writes'
import { describeServerReads } from './backend/server-reads'
import { describeServerUpdates } from './backend/server-updates'
import { describeServerWrites } from './backend/server-writes'
import { StoreUnderTest } from './backend/store-under-test'
import { describeWholeBatches } from './backend/whole-batches'

/**
 * A vitest suite of what every store must do. `open` returns a new, empty store. It is called before each test, and the suite closes the store.
 */
export function describeSyncBackend(name: string, open: () => SyncBackend | Promise<SyncBackend>): void {
  describe(`${name} backend`, () => {
    const store = new StoreUnderTest()
    beforeEach(async () => store.begin(await open()))
    afterEach(() => store.backend.close())

    describePages(store)
    describeDeletes(store)
    describeErasing(store)
    describeAnswers(store)
    describeWholeBatches(store)
    describeLevelSteps(store)
    describeServerWrites(store)
    describeServerUpdates(store)
    describeRefusedWrites(store)
    describeServerReads(store)
  })
}
