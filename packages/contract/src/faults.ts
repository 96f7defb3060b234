/** What a fault does to a call. */
export type FaultAct =
  /** The vendor refuses with this status. */
  | { readonly type: 'refuse'; readonly status: number }
  /** The connection is closed before anything is said. */
  | { readonly type: 'close' }
  /** Nothing is ever said. */
  | { readonly type: 'silence' }
  /** Nobody is at the address. */
  | { readonly type: 'absence' }
  /** The answer begins late, and is whole. */
  | { readonly type: 'delay' }
  /** A piece of the answer comes by half, or is no JSON; then the connection is cut, falls silent, or the rest comes. */
  | { readonly type: 'damage'; readonly piece: 'half' | 'spoilt'; readonly after: 'cut' | 'silence' | 'rest' }

/**
 * The fault wall: what goes wrong with a vendor, or on the way to one. The conformance suite holds every provider against each;
 * a fault drill lets a connection have one, of those that make sense there.
 */
export const FAULTS = {
  '429': {
    what: 'The vendor says that calls come too fast, with Retry-After.',
    act: { type: 'refuse', status: 429 },
    drill: true,
  },
  '500': { what: 'The vendor has a failure of its own.', act: { type: 'refuse', status: 500 }, drill: false },
  '503': { what: 'The vendor says that it is not available.', act: { type: 'refuse', status: 503 }, drill: true },
  reset: { what: 'The vendor closes the connection before it answers.', act: { type: 'close' }, drill: true },
  'no-response': { what: 'The vendor never answers.', act: { type: 'silence' }, drill: false },
  'nobody-listens': { what: 'Nothing is at the address of the vendor.', act: { type: 'absence' }, drill: false },
  'slow-first-token': {
    what: 'The vendor begins to answer only after the delay.',
    act: { type: 'delay' },
    drill: true,
  },
  cut: {
    what: 'The vendor closes the connection within its answer.',
    act: { type: 'damage', piece: 'half', after: 'cut' },
    drill: true,
  },
  stall: {
    what: 'The vendor falls silent within its answer.',
    act: { type: 'damage', piece: 'half', after: 'silence' },
    drill: true,
  },
  malformed: {
    what: 'A part of the answer is no valid JSON.',
    act: { type: 'damage', piece: 'spoilt', after: 'rest' },
    drill: true,
  },
} as const satisfies Record<string, { what: string; act: FaultAct; drill: boolean }>

export type Fault = keyof typeof FAULTS
