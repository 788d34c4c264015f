import { Agent, request } from 'node:http'

export interface Push { path: string, cookie: string, body: string }

/** Sends requests over kept-alive connections, `senders` at a time, each sender its own list in order. @throws Error at an answer that `isGood` does not accept */
export async function sendPushes(origin: string, senders: readonly (readonly Push[])[], isGood: (answer: string) => boolean): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: senders.length })
  try {
    await Promise.all(senders.map(async (pushes) => {
      for (const push of pushes) {
        const answer = await post(origin, push, agent)
        if (!isGood(answer)) throw new Error(`a push was answered ${answer.slice(0, 300)}`)
      }
    }))
  }
  finally { agent.destroy() }
}

function post(origin: string, { path, cookie, body }: Push, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), cookie }
    const sending = request(`${origin}${path}`, { method: 'POST', agent, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => { text += chunk })
      response.on('end', () => response.statusCode === 200 ? resolve(text) : reject(new Error(`${response.statusCode} ${text}`)))
      response.on('error', reject)
    })
    sending.on('error', reject)
    sending.end(body)
  })
}
