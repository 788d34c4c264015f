import { statSync } from 'node:fs'
import { BackendUnavailableError } from '../../errors/backend-unavailable-error'

/**
 * The files that a store was opened with, by device and inode. SQLite goes on with a file that was deleted or replaced under it, and what is
 * written there is gone when the process is. While it is open, its inode is given to no other file.
 */
export class StoreFiles {
  readonly #opened: readonly { path: string, identity: string }[]

  /** To be made when the store is open. A file that is not there (no log and no index of it without WAL) is not looked for later. */
  constructor(private readonly path: string) {
    this.#opened = [path, `${path}-wal`, `${path}-shm`].flatMap((path) => {
      const identity = identityOf(path)
      return identity === undefined ? [] : [{ path, identity }]
    })
  }

  /** Some microseconds. @throws BackendUnavailableError, until the files are back or the server is started again */
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
  // The folder cannot be read any more: whether the file is there, nobody can say.
  catch { return undefined }
}
