import { parseCookie, stringifySetCookie } from 'cookie'
import { SESSION_TTL_MS } from './sessions.ts'

/** The cookie of a session: `httpOnly`, `sameSite: strict`, and over https with the `__Host-` prefix. */
export type SessionCookie = {
  readonly read: (header: string | undefined) => string | undefined
  /** Returns the value of `set-cookie`. */
  readonly set: (token: string) => string
  readonly clear: () => string
}

/** @param publicUrl public URL of the server; if it is https, the cookie is only sent over https */
export function createSessionCookie(publicUrl: string | undefined): SessionCookie {
  const secure = publicUrl?.startsWith('https:') ?? false
  const name = secure ? '__Host-ap_session' : 'ap_session'
  const settings = { name, path: '/', httpOnly: true, sameSite: 'strict', secure } as const
  return {
    read: (header) => (header === undefined ? undefined : parseCookie(header)[name]),
    set: (value) => stringifySetCookie({ ...settings, value, maxAge: SESSION_TTL_MS / 1000 }),
    clear: () => stringifySetCookie({ ...settings, value: '', maxAge: 0 }),
  }
}
