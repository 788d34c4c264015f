import { BaseSubject } from '../../page/base-subject'
import { setWorkspace } from '../../page/set-workspace'

/** A library whose local work alone is measured: it writes to a database of its own, and sends nothing. */
export abstract class LocalSubject extends BaseSubject {
  abstract openDatabase(name: string): Promise<void>
  abstract count(): Promise<number>

  async open(workspace: string): Promise<void> {
    setWorkspace(workspace)
    await this.openDatabase(`peer-${workspace}`)
  }
}
