import { SyncError } from '../../../shared/sync/protocol/errors'

/** Another tab fetches everything anew, or has just done so: this one has to look again before it goes on. */
export class OvertakenError extends SyncError {
  constructor() {
    super('UNKNOWN', 'another tab has fetched everything anew; this one has to look again')
    this.name = 'OvertakenError'
  }
}
