import type { PieceRun } from '@activepieces/contract'
import { EventSourceParserStream } from 'eventsource-parser/stream'
import type { Session } from './session.ts'

/** Sends a GET request to our server's API. @throws Error naming the path and the status */
export async function get<T>(session: Session, path: string): Promise<T> {
  return await read(await fetch(`${session.url}/api/v1${path}`, { headers: headersOf(session) }), `GET ${path}`)
}

/** Sends a JSON POST request to our server's API. @throws Error naming the path and the status */
export async function post<T>(session: Session, path: string, body: object): Promise<T> {
  const init = { method: 'POST', headers: headersOf(session), body: JSON.stringify(body) }
  return await read(await fetch(`${session.url}/api/v1${path}`, init), `POST ${path}`)
}

/** Runs an action. @param onUpdate called with each update while the action runs */
export async function runAction(
  session: Session,
  { piece, action, input }: { piece: string; action: string; input: object },
  onUpdate: (update: unknown) => void,
): Promise<PieceRun> {
  const response = await fetch(`${session.url}/api/v1/pieces/${piece}/actions/${action}/run`, {
    method: 'POST',
    headers: { ...headersOf(session), accept: 'text/event-stream' },
    body: JSON.stringify({ input }),
  })
  if (!response.ok || !response.body) throw new Error(await response.text())
  const events = response.body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream())
  for await (const { event, data } of events) {
    if (event === 'update') onUpdate(JSON.parse(data))
    if (event === 'result') return JSON.parse(data)
  }
  throw new Error('The server ended the run without a result.')
}

function headersOf({ token }: Session) {
  return { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
}

async function read<T>(response: Response, request: string): Promise<T> {
  if (!response.ok) throw new Error(`${request} failed with status ${response.status}.`)
  // SAFETY: the response follows the contract, and the caller names its type.
  return (await response.json()) as T
}
