import { memoryBackend, sqliteBackend } from 'or3-sync/server'
import { describeSyncBackend } from '../../../src/testing/index'

describeSyncBackend('memory', memoryBackend)
describeSyncBackend('sqlite', () => sqliteBackend({ path: ':memory:' }))
