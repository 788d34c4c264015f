import { createSyncEngine, GatewaySyncProvider } from 'or3-sync/client'
import { schemaWith } from '../schema'
import { setWorkspace } from '../set-workspace'
import { showNewest, wanted } from './show-newest'

/** A fresh device that begins its first sync, and shows the newest rows as soon as they are here. */
const { workspace, count } = wanted()
setWorkspace(workspace)
const engine = createSyncEngine({
  schema: schemaWith('list_id', 'position'),
  session: { userId: 'bench', workspaceId: workspace },
  provider: new GatewaySyncProvider({ baseURL: location.origin }),
})
Object.assign(window, { subject: showNewest(engine.db, count) })
await engine.start()
