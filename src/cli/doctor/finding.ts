import { docsLink } from '../../runtime/shared/sync/errors/docs-link'

/** What a check has found out. */
export interface Finding {
  /** What was looked at, in one word. */
  check: string
  /** `error`: sync does not work. `warning`: it may not, or not everywhere. */
  status: 'ok' | 'warning' | 'error'
  /** One line, without the name of the package. */
  message: string
  /** What to do. Absent: the message says it, or there is nothing to do. */
  fix?: string
  /** Where to read more. */
  docs?: string
}

/** Makes the findings of one check. */
export class Findings {
  readonly list: Finding[] = []

  constructor(private readonly check: string) {}

  ok(message: string): void {
    this.list.push({ check: this.check, status: 'ok', message })
  }

  /** `code`: of the list of errors. */
  warning(message: string, fix?: string, code?: string): void {
    this.#add('warning', message, fix, code)
  }

  error(message: string, fix?: string, code?: string): void {
    this.#add('error', message, fix, code)
  }

  #add(status: Finding['status'], message: string, fix?: string, code?: string): void {
    this.list.push({ check: this.check, status, message: message.replace('[or3-sync] ', ''), ...fix && { fix }, ...code && { docs: docsLink(code) } })
  }
}
