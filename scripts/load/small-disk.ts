import { execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface SmallDisk {
  kind: 'tmpfs' | 'quota'
  folder: string
  /** The quota for `sqliteBackend`, in bytes. 0: none is needed, because the disk really is this small. */
  maxBytes: number
  /** Makes the disk larger. A quota is instead lifted by starting the server again without one. */
  enlarge(): void
  remove(): Promise<void>
}

/** Mounts a file system of this many bytes. Without the right to mount, it makes a folder and sets a quota for the store. */
export async function makeSmallDisk(bytes: number): Promise<SmallDisk> {
  const folder = await mkdtemp(join(tmpdir(), 'or3-load-disk-'))
  const mount = (...args: string[]) => execFileSync('mount', args, { stdio: 'ignore' })
  try { mount('-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder) }
  catch {
    return { kind: 'quota', folder, maxBytes: bytes, enlarge: () => {}, remove: () => rm(folder, { recursive: true, force: true }) }
  }
  return {
    kind: 'tmpfs',
    folder,
    maxBytes: 0,
    enlarge: () => mount('-o', `remount,size=${bytes * 64}`, folder),
    async remove() {
      execFileSync('umount', [folder], { stdio: 'ignore' })
      await rm(folder, { recursive: true, force: true })
    },
  }
}
