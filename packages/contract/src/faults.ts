/** Effect of a fault on a call. */
export type FaultAct =
  /** The vendor responds with this error status. */
  | { readonly type: 'refuse'; readonly status: number }
  /** The connection is closed before the response starts. */
  | { readonly type: 'close' }
  /** No response is ever sent. */
  | { readonly type: 'silence' }
  /** No server listens at the address. */
  | { readonly type: 'absence' }
  /** The response starts late and is complete. */
  | { readonly type: 'delay' }
  /** Half of a chunk is sent, or a chunk with invalid JSON. Then the connection is closed, stalls, or sends the rest. */
  | { readonly type: 'damage'; readonly piece: 'half' | 'spoilt'; readonly after: 'cut' | 'silence' | 'rest' }

/**
 * Faults of vendors and networks. The conformance suite tests every provider with each of them. A fault drill injects one
 * with `drill: true` into the calls of a connection.
 */
export const FAULTS = {
  '429': {
    what: 'The vendor responds that the rate limit is reached, with Retry-After.',
    act: { type: 'refuse', status: 429 },
    drill: true,
  },
  '500': { what: 'The vendor responds with an internal error.', act: { type: 'refuse', status: 500 }, drill: false },
  '503': { what: 'The vendor responds that it is unavailable.', act: { type: 'refuse', status: 503 }, drill: true },
  reset: { what: 'The vendor closes the connection before it responds.', act: { type: 'close' }, drill: true },
  'no-response': { what: 'The vendor never responds.', act: { type: 'silence' }, drill: false },
  'nobody-listens': { what: "No server listens at the vendor's address.", act: { type: 'absence' }, drill: false },
  'slow-first-token': {
    what: 'The vendor starts its response only after the delay.',
    act: { type: 'delay' },
    drill: true,
  },
  cut: {
    what: 'The vendor closes the connection in the middle of its response.',
    act: { type: 'damage', piece: 'half', after: 'cut' },
    drill: true,
  },
  stall: {
    what: 'The vendor stops sending in the middle of its response.',
    act: { type: 'damage', piece: 'half', after: 'silence' },
    drill: true,
  },
  malformed: {
    what: 'Part of the response is not valid JSON.',
    act: { type: 'damage', piece: 'spoilt', after: 'rest' },
    drill: true,
  },
} as const satisfies Record<string, { what: string; act: FaultAct; drill: boolean }>

export type Fault = keyof typeof FAULTS
