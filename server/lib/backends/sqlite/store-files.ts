import { statSync } from 'node:fs'
import { BackendUnavailableError } from '../../errors/backend-unavailable-error'

/**
 * Notices when the store's files were deleted or replaced while the server runs. SQLite would keep writing to the deleted files, and those
 * writes would be lost when the process ends. Files are compared by device and inode. No other file can get the inode while the file is open.
 */
export class StoreFiles {
  readonly #opened: readonly { path: string, identity: string }[]

  /** Create it when the store is open. A file that does not exist then (`-wal` and `-shm`, without WAL) is never checked. */
  constructor(private readonly path: string) {
    this.#opened = [path, `${path}-wal`, `${path}-shm`].flatMap((path) => {
      const identity = identityOf(path)
      return identity === undefined ? [] : [{ path, identity }]
    })
  }

  /** Takes some microseconds. @throws BackendUnavailableError until the files are back or the server is restarted */
  check(): void {
    const lost = this.#opened.find(({ path, identity }) => identityOf(path) !== identity)
    if (lost) throw new BackendUnavailableError(`the SQLite store ${this.path} takes nothing: its file ${lost.path} was deleted, moved or replaced while the server ran; put it back, or restart the server to work with what is there now`)
  }
}

function identityOf(path: string): string | undefined {
  try {
    const found = statSync(path, { bigint: true, throwIfNoEntry: false })
    return found && `${found.dev}:${found.ino}`
  }
  // The folder cannot be read any more, so nobody can say whether the file is there.
  catch { return undefined }
}
