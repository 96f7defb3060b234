import type { UsageOperation, UsageRow } from '@activepieces/contract'
import type { AIError } from '@activepieces/pieces-common'

/** Why a call failed, as the library classifies it. */
export type CallFailure = Pick<AIError, 'code' | 'actor' | 'message' | 'remedy'>

/** A usage row before it is stored. */
export type UsageRecord = Omit<UsageRow, 'id' | 'at' | 'connection' | 'operation'> & {
  readonly at: Date
  readonly connection: string
  readonly operation: UsageOperation
  /** The provider's name of the model, if the response contains it. */
  readonly responseModel: string | null
  /** The token of the call, if it has its own cost limit. */
  readonly limitedToken: string | null
  readonly failure: CallFailure | undefined
  /** Bytes of the request body that were read. Not stored. */
  readonly requestBytes: number
  /** Bytes of the response body, as received. Not stored. */
  readonly responseBytes: number
}
