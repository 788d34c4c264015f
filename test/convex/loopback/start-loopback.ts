import { type ChildProcess, spawn } from 'node:child_process'
import { bundleLoopback } from './bundle-loopback'
import type { CommandName, LoopbackCommands, ReplyMessage } from './control'
import type { AuthProvider } from './token-verifier'

export interface LoopbackOptions {
  /** Whose tokens it takes. Default: nobody's. */
  providers?: readonly AuthProvider[]
  /** Default: any that is free. */
  port?: number
  /** Which functions: the playground's, or those of the backend suites. Default: `app`. */
  functions?: 'app' | 'suite'
}

/** Each command of `LoopbackCommands`, over to the process and back. */
export type Loopback = { [N in CommandName]: (...args: Parameters<LoopbackCommands[N]>) => Promise<ReturnType<LoopbackCommands[N]>> } & { url: string }

const COMMANDS: readonly CommandName[] = ['conflict', 'loseReply', 'dropSockets', 'sockets', 'refuseSockets', 'expireTokens', 'setTime', 'reset', 'counts', 'resetCounts', 'run', 'stop']

/** Starts the loopback in a process of its own. Stop it when done; it also ends with this process. */
export async function startLoopback({ providers = [], port = 0, functions = 'app' }: LoopbackOptions = {}): Promise<Loopback> {
  const child = spawn(process.execPath, [await bundleLoopback()], {
    env: { ...process.env, OR3_LOOPBACK_PORT: String(port), OR3_LOOPBACK_PROVIDERS: JSON.stringify(providers), OR3_LOOPBACK_FUNCTIONS: functions },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const waiting = new Map<number, { resolve: (value: never) => void, reject: (error: Error) => void }>()
  const listening = new Promise<number>((resolve, reject) => {
    child.on('message', (message: ReplyMessage) => {
      if ('listening' in message) return resolve(message.listening)
      const asked = waiting.get(message.id)
      waiting.delete(message.id)
      if ('error' in message) asked?.reject(new Error(`the loopback: ${message.error}`))
      else asked?.resolve(message.value as never)
    })
    child.once('exit', (code) => {
      const error = new Error(`the loopback ended with ${code}`)
      reject(error)
      for (const asked of waiting.values()) asked.reject(error)
    })
  })
  let nextId = 0
  const ask = (name: CommandName, args: unknown[]) => new Promise<never>((resolve, reject) => {
    waiting.set(nextId, { resolve, reject })
    child.send({ id: nextId++, name, args })
  })
  const url = `http://127.0.0.1:${await listening}`
  const commands = Object.fromEntries(COMMANDS.map(name => [name, (...args: unknown[]) => ask(name, args)])) as unknown as Omit<Loopback, 'url'>
  return { ...commands, url, stop: () => stop(child, ask) }
}

async function stop(child: ChildProcess, ask: (name: CommandName, args: unknown[]) => Promise<never>): Promise<void> {
  const ended = new Promise(resolve => child.once('exit', resolve))
  await ask('stop', [])
  await ended
}
