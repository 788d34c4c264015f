import { describeSyncBackend } from '../../src/testing/index'
import { openConvexBackend } from './support/open-backend'

describeSyncBackend('convex, in one process', openConvexBackend)
