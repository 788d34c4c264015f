import type { Mutant } from './mutant.ts'

const CONSISTENCY = 'src/testing/consistency'
const RECORDER = 'src/testing/simulation/history-recorder.ts'
const CHECK_TESTS = ['test/unit/testing/check-history.test.ts']
const SERIAL_TESTS = ['test/unit/testing/check-serial-histories.test.ts']
const RECORDER_TESTS = ['test/unit/simulation/recorded-histories.test.ts']

/** The check of histories misses what it is there to find, or finds what is right. */
export const HISTORY_CHECKS: readonly Mutant[] = [
  {
    id: 'history-checks-a', bug: 'a device that becomes consistent is not looked at as a whole',
    file: `${CONSISTENCY}/session-state.ts`,
    replace: ['(!this.#wasConsistent || falls', '(falls'],
    tests: CHECK_TESTS,
  },
  {
    id: 'history-checks-b', bug: 'what the author of a seen edit knew does not count as known',
    file: `${CONSISTENCY}/session-state.ts`,
    replace: ['author.frontier?.forEach((rank, record) => { raise(this.known, record, rank) })', ''],
    tests: CHECK_TESTS,
  },
  {
    id: 'history-checks-c', bug: 'the store is not a reader: a group that it takes in two commits is not found',
    file: `${CONSISTENCY}/history-index.ts`,
    replace: ['at, isConsistent: true, readsAll: true', 'at, isConsistent: false, readsAll: true'],
    tests: SERIAL_TESTS,
  },
  {
    id: 'history-checks-d', bug: 'a circle of reading and overwriting is not the smallest one',
    file: `${CONSISTENCY}/find-cycles.ts`,
    replace: ['if (back) smallest = [start, ...back]', 'if (back && !smallest) smallest = [start, ...back]'],
    tests: CHECK_TESTS,
  },
  {
    id: 'history-checks-e', bug: 'a record that was deleted counts as one that is missing',
    file: `${CONSISTENCY}/session-state.ts`,
    replace: ['&& this.index.isDeletedAbove(write, at))', '&& false)'],
    tests: CHECK_TESTS,
  },
  {
    id: 'history-checks-f', bug: 'the exceptions of an edit that waits for something else than its turn are forgotten',
    file: 'src/testing/simulation/reader-exceptions.ts',
    replace: ['if (status !== \'pending\' || aside', 'if (aside'],
    tests: RECORDER_TESTS,
  },
  {
    id: 'history-checks-g', bug: 'a database that was deleted and made anew counts as the same session',
    file: RECORDER,
    replace: ['const key = `${device.name} ${deviceId}`', 'const key = device.name'],
    tests: RECORDER_TESTS,
  },
  {
    id: 'history-checks-h', bug: 'edits that go together with a transaction that is sent in parts are not excepted',
    file: RECORDER,
    replace: ['if (isCut) this.#cut(session, opId)', ''],
    tests: RECORDER_TESTS,
  },
]
