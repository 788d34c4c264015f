import { describe, expect, it } from 'vitest'
import { DiskImage, SURVIVALS, type Survival } from '../../../../scripts/soak/power/disk-image'
import { readDiskLog, type DiskCall } from '../../../../scripts/soak/power/disk-log'
import { SeededRandom } from '../../../../src/testing/simulation/seeded-random'

const write = (name: string, offset: number, text: string): DiskCall => ({ kind: 'write', name, offset, data: Buffer.from(text) })

/** What a cut leaves of the calls, as text by name. */
function left(calls: DiskCall[], survival: Survival, seed = 1): Record<string, string> {
  const image = new DiskImage(new Map([['db', Buffer.from('old')]]))
  image.apply(calls)
  return Object.fromEntries([...image.afterCut(survival, new SeededRandom(seed))].map(([name, content]) => [name, content.toString()]))
}

/** All that cuts of many seeds leave of the file `db`. */
function allLeft(calls: DiskCall[], survival: Survival): Set<string> {
  return new Set(Array.from({ length: 200 }, (_, seed) => left(calls, survival, seed).db!))
}

describe('a disk after a power cut', () => {
  it.each(SURVIVALS)('has what was synced (%s of the rest)', (survival) => {
    const { db } = left([write('db', 0, 'new'), { kind: 'sync', name: 'db' }], survival)
    expect(db).toBe('new')
  })

  it('has nothing, all, or the first of the writes since the last sync', () => {
    const calls = [write('db', 0, 'a'), write('db', 1, 'b'), write('db', 2, 'c')]
    expect(allLeft(calls, 'nothing')).toEqual(new Set(['old']))
    expect(allLeft(calls, 'everything')).toEqual(new Set(['abc']))
    expect(allLeft(calls, 'prefix')).toEqual(new Set(['old', 'ald', 'abd', 'abc']))
  })

  it('may have each sector as it was at another moment', () => {
    const found = allLeft([write('db', 0, 'A'.repeat(1024)), write('db', 0, 'B'.repeat(1024))], 'sectors')
    const states = new Set([...found].filter(content => content.length === 1024).map(content => `${content[0]!}${content[512]!}`.replaceAll('\0', '-')))
    expect(states).toEqual(new Set(['o-', 'oA', 'oB', 'A-', 'AA', 'AB', 'B-', 'BA', 'BB']))
    // No sector is half one, half another.
    for (const content of found) expect(content.slice(512)).toMatch(/^(\0*|A*|B*)$/)
  })

  it('may have a file longer or shorter than it was when it was synced', () => {
    const calls: DiskCall[] = [{ kind: 'truncate', name: 'db', size: 1 }, write('db', 1, 'xyz')]
    expect(allLeft(calls, 'sectors')).toEqual(new Set(['old', 'old\0', 'o', 'o\0\0', 'o\0\0\0', 'oxy', 'oxyz']))
  })

  it('has a new file only if its folder was synced, or by chance', () => {
    const calls: DiskCall[] = [{ kind: 'create', name: 'wal' }, write('wal', 0, 'x'), { kind: 'sync', name: 'wal' }]
    expect(left(calls, 'nothing')).toEqual({ db: 'old' })
    expect(left([...calls, { kind: 'sync-folder' }], 'nothing')).toEqual({ db: 'old', wal: 'x' })
    expect(left(calls, 'everything')).toEqual({ db: 'old', wal: 'x' })
  })

  it('has a deleted or renamed file again if its folder was not synced', () => {
    expect(left([{ kind: 'unlink', name: 'db' }], 'nothing')).toEqual({ db: 'old' })
    expect(left([{ kind: 'unlink', name: 'db' }, { kind: 'sync-folder' }], 'nothing')).toEqual({})
    expect(left([{ kind: 'rename', name: 'db', to: 'other' }, { kind: 'sync-folder' }], 'nothing')).toEqual({ other: 'old' })
  })

  it('is what the process sees as long as the power stays', () => {
    const image = new DiskImage(new Map())
    image.apply([{ kind: 'create', name: 'db' }, write('db', 2, 'x'), { kind: 'truncate', name: 'db', size: 2 }, write('db', 3, 'y')])
    expect(image.whole().get('db')?.toString()).toBe('\0\0\0y')
  })

  it('cannot be told when a call is missing from the record', () => {
    expect(() => new DiskImage(new Map()).apply([write('db', 0, 'x')])).toThrow('the record is not complete')
  })
})

describe('the record of the shim', () => {
  const record = (kind: string, name: string, place: number, data = '') => {
    const head = Buffer.alloc(17)
    head.write(kind)
    head.writeUInt32LE(name.length, 1)
    head.writeBigUInt64LE(BigInt(place), 5)
    head.writeUInt32LE(data.length, 13)
    return Buffer.concat([head, Buffer.from(name + data)])
  }

  it('is read call by call, without the last one when that is cut off', () => {
    const log = Buffer.concat([record('C', 'db', 0), record('W', 'db', 7, 'text'), record('T', 'db', 3), record('S', 'db', 0), record('D', '', 0), record('R', 'db', 0, 'other'), record('U', 'other', 0)])
    expect(readDiskLog(Buffer.concat([log, record('W', 'db', 0, 'text').subarray(0, 20)]))).toEqual([
      { kind: 'create', name: 'db' }, { kind: 'write', name: 'db', offset: 7, data: Buffer.from('text') }, { kind: 'truncate', name: 'db', size: 3 },
      { kind: 'sync', name: 'db' }, { kind: 'sync-folder' }, { kind: 'rename', name: 'db', to: 'other' }, { kind: 'unlink', name: 'other' },
    ])
  })

  it('is refused when a file was changed by a call that the shim does not record', () => {
    expect(() => readDiskLog(record('X', 'db', 0, 'mmap'))).toThrow('the server changed "db" by mmap')
  })
})
