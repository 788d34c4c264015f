/** Before Nuxt's plugins run: Dexie looks for IndexedDB, its key ranges and the rest when it is first imported. */
import 'fake-indexeddb/auto'
