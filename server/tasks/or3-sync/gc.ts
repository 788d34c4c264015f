import { defineTask } from 'nitropack/runtime'
import { startedGateway } from '../../nitro/started-gateway'

export default defineTask({
  meta: { name: 'or3-sync:gc', description: 'Takes deletions that every device has seen, or that are past retention, out of the change feed' },
  async run() {
    return { result: await (await startedGateway()).gc() }
  },
})
