import type { UsageOperation, UsageRow } from '@activepieces/contract'
import type { AIError } from '@activepieces/pieces-common'

/** Why a call failed, as the library classifies it. */
export type CallFailure = Pick<AIError, 'code' | 'actor' | 'message' | 'remedy'>

/** One attempt, as it is stored; a row without its number. */
export type UsageRecord = Omit<UsageRow, 'id' | 'at' | 'connection' | 'operation'> & {
  readonly at: Date
  readonly connection: string
  readonly operation: UsageOperation
  /** The provider's own name of its model, where the response has it. */
  readonly replyModel: string | null
  /** The token that the call was made with, if that has a limit of its own. */
  readonly limitedToken: string | null
  readonly failure: CallFailure | undefined
  /** Bytes of the request body that were read. Not stored. */
  readonly requestBytes: number
  /** Bytes of the response body, as it came. Not stored. */
  readonly responseBytes: number
}
