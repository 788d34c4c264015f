import type { Mutant } from './mutant.ts'

const DOCTOR = 'src/cli/doctor'
const DOCTOR_TESTS = ['test/unit/cli/doctor.test.ts']
const REPORT_TESTS = ['test/unit/app/diagnosis.test.ts']

/** Bugs of our own in what the tool says: messages, the doctor, the report for a bug. */
export const MESSAGES: readonly Mutant[] = [
  {
    id: 'messages', bug: 'a report names the user by their id in the name of the database',
    file: 'src/runtime/app/diagnosis/conceal.ts',
    replace: ['.replaceAll(/or3-db-[^\\s"]+/g, concealName)', ''],
    tests: REPORT_TESTS,
  },
  {
    id: 'messages-b', bug: 'a report names the user where their workspace has their id',
    file: 'src/runtime/app/diagnosis/conceal.ts',
    replace: ['each === userId ? hash : each.', 'each.'],
    tests: REPORT_TESTS,
  },
  {
    id: 'messages-c', bug: 'the rows of refused edits are in a report',
    file: 'src/runtime/app/diagnosis/event-log.ts',
    replace: ['if (op) details.tableName = op.tableName', 'if (op) details.op = op'],
    tests: REPORT_TESTS,
  },
  {
    id: 'messages-d', bug: 'rescans disappear from a report with the events that follow them',
    file: 'src/runtime/app/diagnosis/event-log.ts',
    replace: ['if (name === \'sync.rescan:action:starting\') keep(this.rescans, { at: this.#now(), reason: payload.reason as string }, RESCANS)', ''],
    tests: REPORT_TESTS,
  },
  {
    id: 'messages-e', bug: 'a build for functions is silent about the SQLite file that is lost',
    file: 'src/setup/host-trouble.ts',
    replace: ['...store === \'sqlite\' && !isDirect ? [NO_STORE[host]] : [],', ''],
    tests: ['test/unit/module/host-trouble.test.ts'],
  },
  {
    id: 'messages-f', bug: 'a preset written with _ is not known',
    file: 'src/setup/host-trouble.ts',
    replace: ['preset.replaceAll(\'_\', \'-\')', 'preset'],
    tests: ['test/unit/module/host-trouble.test.ts'],
  },
  {
    id: 'messages-g', bug: 'the doctor calls it a success when a switch was forgotten',
    file: `${DOCTOR}/checks/check-switches.ts`,
    replace: ['else if (forgotten) findings.error(forgotten, undefined, \'one-switch\')', 'else if (forgotten) findings.ok(forgotten)'],
    tests: DOCTOR_TESTS,
  },
  {
    id: 'messages-h', bug: 'the doctor takes any file for a store',
    file: `${DOCTOR}/checks/check-store.ts`,
    replace: ['if (!isSqlite(file)) return \'it is no SQLite database\'', ''],
    tests: DOCTOR_TESTS,
  },
  {
    id: 'messages-i', bug: 'the doctor ends with 0 whatever it has found',
    file: `${DOCTOR}/run-doctor.ts`,
    replace: ['counts(findings).errors > 0 ? 1 : 0', '0'],
    tests: DOCTOR_TESTS,
  },
  {
    id: 'messages-j', bug: 'the doctor writes into the app',
    file: `${DOCTOR}/read-app.ts`,
    replace: ['jitiOptions: { fsCache: false }', 'jitiOptions: { fsCache: true }'],
    tests: DOCTOR_TESTS,
  },
  {
    id: 'messages-k', bug: 'the doctor stops at the first wrong setting',
    file: `${DOCTOR}/read-app-settings.ts`,
    replace: ['errors.push(error as StartError)', 'if (errors.length === 0) errors.push(error as StartError)'],
    tests: DOCTOR_TESTS,
  },
  {
    id: 'messages-l', bug: 'the console explains a reason every time the status changes',
    file: 'src/runtime/app/explain/explainer.ts',
    replace: ['this.#told.add(reason)', ''],
    tests: ['test/unit/app/sync-client.test.ts'],
  },
]
