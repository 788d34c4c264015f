import { type ChildProcess, fork } from 'node:child_process'
import type { HostAnswer, HostCall } from './host-call.ts'
import type { DeviceSeat } from './remote-device.ts'

/** A process of Node that runs several devices. */
export class NodeSeat implements DeviceSeat {
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, { resolve: (result: unknown) => void, reject: (error: Error) => void }>()
  #calls = 0

  constructor(script: string) {
    this.#child = fork(script, { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    this.#child.on('message', (answer: HostAnswer) => this.#take(answer))
    this.#child.on('exit', (code, signal) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`a process with devices has ended (${signal ?? code})`))
      this.#waiting.clear()
    })
  }

  call = (call: Omit<HostCall, 'id'>): Promise<unknown> => {
    const id = ++this.#calls
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#child.send({ ...call, id }, error => error && reject(error))
    })
  }

  end(): void {
    this.#child.kill('SIGKILL')
  }

  #take(answer: HostAnswer): void {
    const waiting = this.#waiting.get(answer.id)
    this.#waiting.delete(answer.id)
    if ('error' in answer) waiting?.reject(new Error(answer.error))
    else waiting?.resolve(answer.result)
  }
}
