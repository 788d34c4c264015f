import { connect } from 'node:net'

export interface RawReply {
  /** Null: the connection was closed without an answer. */
  status: number | null
  head: string
  body: string
  /** All that came: bytes put in may make two requests of one, and get two answers. */
  text: string
}

/** Nothing takes longer than this, in milliseconds: the server is told to wait less. */
const PATIENCE_MS = 5_000

/** Sends bytes over a socket of their own and reads the answer; of an event stream, its first event. */
export function sendRaw(port: number, bytes: Buffer): Promise<RawReply> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    const chunks: Buffer[] = []
    const timer = setTimeout(() => {
      clearTimeout(impatient)
      socket.destroy()
      reject(new Error(`no answer within ${PATIENCE_MS} ms to\n${bytes.toString('latin1').slice(0, 4_000)}\n--- but ---\n${Buffer.concat(chunks).toString('latin1')}`))
    }, PATIENCE_MS)
    const finish = () => {
      clearTimeout(timer)
      socket.destroy()
      resolve(parseReply(Buffer.concat(chunks).toString('utf8')))
    }
    // Bytes that are no whole request, or do not ask to close: Node would wait for more for minutes.
    let impatient = setTimeout(() => socket.end(), 60)
    socket.on('data', (chunk) => {
      chunks.push(chunk)
      clearTimeout(impatient)
      impatient = setTimeout(() => socket.end(), 50)
      const text = chunk.toString('latin1')
      if (text.includes('\n\n') && Buffer.concat(chunks).toString('latin1').includes('content-type: text/event-stream')) finish()
    })
    // A server that refuses cuts off what is still being sent.
    socket.on('error', () => {})
    socket.on('close', () => {
      clearTimeout(impatient)
      finish()
    })
  })
}

function parseReply(text: string): RawReply {
  // An interim 100 Continue comes before the answer itself.
  const answer = text.replace(/^HTTP\/1\.1 100 [^\r]*\r\n\r\n/, '')
  const end = answer.indexOf('\r\n\r\n')
  const status = /^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]
  const head = answer.slice(0, Math.max(end, 0))
  const length = /^content-length: (\d+)/im.exec(head)?.[1]
  const rest = end < 0 ? '' : answer.slice(end + 4)
  const body = length ? Buffer.from(rest).subarray(0, Number(length)).toString('utf8') : rest
  return { status: status ? Number(status) : null, head, body, text }
}
