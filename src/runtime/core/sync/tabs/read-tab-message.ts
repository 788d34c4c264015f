import type { TabMessage } from './tab-channel'

type Fields = Record<string, unknown>
type Check = (message: Fields) => boolean

const isText = (value: unknown) => typeof value === 'string'
const isNumber = (value: unknown) => typeof value === 'number' && Number.isFinite(value)
const isFlag = (value: unknown) => typeof value === 'boolean'
const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null

const isRecordName = (value: unknown) => Array.isArray(value) && value.length === 2 && value.every(isText)

/** The fields that each message must have besides its type. */
const CHECKS: Record<TabMessage['type'], Check> = {
  'outbox': ({ now }) => isFlag(now),
  'changed': ({ rewritten }) => rewritten === undefined || isFlag(rewritten),
  'look-again': ({ records }) => records === undefined || (Array.isArray(records) && records.every(isRecordName)),
  'status': ({ status }) => isObject(status) && isStatus(status),
  'hello': () => true,
  'clock': ({ offset, reset }) => isNumber(offset) && isFlag(reset),
  'rescan': () => true,
  'ping': ({ schemaVersion }) => isNumber(schemaVersion),
  'pong': () => true,
  'alone': () => true,
  'watch-sending': () => true,
  'sending': ({ from, keys }) => isText(from) && Array.isArray(keys) && keys.every(isText),
  'catch-up': ({ id }) => isText(id),
  'caught-up': ({ id }) => isText(id),
}

function isStatus({ state, cursor, lastSyncAt, firstSyncDone, consistent, progress, pulledCount, error, reason }: Fields): boolean {
  return isText(state) && isNumber(cursor) && isNumber(lastSyncAt) && isFlag(firstSyncDone) && isFlag(consistent) && (progress === null || isNumber(progress)) && isNumber(pulledCount)
    && (reason === null || isText(reason))
    && (error === null || (isObject(error) && isText(error.code) && isText(error.message)))
}

/** Reads a message of another tab. Null if it is none: everything that knows the channel's name may write to it, other versions of the app as well. */
export function readTabMessage(data: unknown): TabMessage | null {
  if (!isObject(data) || typeof data.type !== 'string' || !Object.hasOwn(CHECKS, data.type)) return null
  return CHECKS[data.type as TabMessage['type']](data) ? data as unknown as TabMessage : null
}
