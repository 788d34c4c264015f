import { DEVICES, RECORDS, type Device, type World } from './contract-state'
import type { Action } from './transitions'

/** What kind of transition this is, in more detail than its action: what the device was doing, and what came of it. */
export function transitionClass(before: World, action: Action, after: World): string {
  if (!('device' in action)) return `${action.kind} while ${DEVICES.map(index => doing(before.devices[index])).sort().join(' and ')}`
  const [was, is] = [before.devices[action.device], after.devices[action.device]]
  const what = action.kind === 'write' ? `write ${action.writes.map(({ record, op }) => `${op} ${'ab'[record]}`).join(', ')}` : action.kind
  return `${what} while ${doing(was)}: ${outcome(was, is).join(', ') || 'nothing else'}`
}

function doing({ isOn, push, isPaused, page, step, walk, isByPage }: Device): string {
  const parts = [
    !isOn && 'off', push && (push.answers ? 'answered' : 'pushing'), isPaused && 'paused', page && 'a page comes', step && 'staging',
    walk && `on a walk (${walk.sweep})`, isByPage && 'by page',
  ].filter(Boolean)
  return parts.join(' and ') || 'idle'
}

function outcome(was: Device, is: Device): string[] {
  const records = RECORDS.filter(record => was.rows[record]?.hlc !== is.rows[record]?.hlc).length
  return [
    records > 0 && `${records} rows change`,
    was.outbox.length > is.outbox.length && 'edits leave the outbox',
    was.outbox.length < is.outbox.length && 'edits join the outbox',
    !was.outbox.some(({ waits }) => waits) && is.outbox.some(({ waits }) => waits) && 'a winner waits',
    is.outbox.some(({ missedWinner }) => missedWinner !== null) && 'a winner was missed',
    RECORDS.some(record => !was.aside[record] && is.aside[record]) && 'a change is set aside',
    RECORDS.some(record => was.aside[record] && !is.aside[record]) && 'a change comes back',
    was.consistent !== is.consistent && (is.consistent ? 'consistent' : 'not consistent'),
    !was.step && is.step !== null && 'a step begins',
    !was.walk && is.walk !== null && 'a walk begins',
    was.walk !== null && !is.walk && 'a walk ends',
    !was.push && is.push !== null && `${is.push.ops.length} ops are sent`,
    is.cursor < was.cursor && 'the cursor goes back',
  ].filter(part => part !== false)
}
