import { SyncError } from '../../../shared/sync/protocol/errors'

/** Another tab has begun or ended a walk on this database, so what this tab remembers is old. It reads the stored cursor and starts again. */
export class OvertakenError extends SyncError {
  constructor() {
    super('OVERTAKEN', 'another tab has fetched everything again meanwhile; this tab starts again from what is stored')
    this.name = 'OvertakenError'
  }
}
