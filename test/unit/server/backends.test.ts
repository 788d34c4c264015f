import { memoryBackend } from '../../../server/lib/backends/memory'
import { sqliteBackend } from '../../../server/lib/backends/sqlite'
import { describeBackend } from './support/describe-backend'

describeBackend('memory', memoryBackend)
describeBackend('sqlite', () => sqliteBackend({ path: ':memory:' }))
