/** Who must act before the call can succeed. `nobody`: wait, then try again. */
export type AIErrorActor = 'flow-author' | 'admin' | 'vendor' | 'nobody'

/** What went wrong. The code is the contract; messages are for people and may change. */
export type AIErrorCode = keyof typeof ERRORS

/**
 * Every kind of failure once: who must act, whether the same call may work later, and what to do.
 * An AIError takes its `actor`, `retryable` and `remedy` from here.
 */
export const ERRORS = {
  'invalid-request': row('flow-author', false, 'Change the parameter that the message names.'),
  'context-length': row('flow-author', false, 'Shorten the prompt or choose a model with a larger context window.'),
  'content-filter': row('flow-author', false, "Rephrase the prompt: the vendor's content filter refused it."),
  'model-not-found': row(
    'flow-author',
    false,
    'Choose another model, or ask the admin whether the key may use this one.',
  ),
  'too-large': row('flow-author', false, 'Send less in one request: it is larger than the vendor accepts.'),
  refused: row('flow-author', false, 'Rephrase the prompt: the model refused to answer.'),
  truncated: row('flow-author', false, 'Raise maxTokens or ask for a shorter answer: it did not fit.'),
  'invalid-object': row('flow-author', false, 'Simplify the schema, or choose a model that follows schemas better.'),
  'unknown-provider': row('flow-author', false, 'Choose one of the providers that the message lists.'),
  unsupported: row('flow-author', false, 'Choose a provider or a model that has this capability.'),
  'engine-token': row(
    'admin',
    false,
    'Run the step again: its engine token is missing, expired or not valid for this server.',
  ),
  authentication: row('admin', false, "Enter a valid API key in the provider's connection."),
  permission: row('admin', false, "Give the key the right that the message names, in the vendor's console."),
  'out-of-credit': row('admin', false, "Add credit or raise the spending limit in the vendor's console."),
  'not-configured': row('admin', false, 'Connect the provider in the admin console.'),
  'not-found': row('admin', false, "Check the base URL of the provider's connection."),
  'limit-reached': row('admin', false, "Raise the project's budget or limit, or wait until it starts anew."),
  unreachable: row(
    'admin',
    true,
    "Check the base URL of the connection and that the server can reach the vendor's host.",
  ),
  'rate-limit': row('nobody', true, 'Wait and try again: too many requests in a short time.'),
  overloaded: row('nobody', true, 'Wait and try again: the vendor is overloaded.'),
  timeout: row('nobody', true, 'Try again, or ask for a shorter answer.'),
  conflict: row('nobody', true, 'Try again.'),
  interrupted: row('nobody', true, 'Try again: the connection was cut before the reply was whole.'),
  aborted: row('nobody', false, 'The call was cancelled.'),
  'server-error': row('vendor', true, "Try again later; see the vendor's status page if it stays."),
  'invalid-reply': row(
    'vendor',
    false,
    "The reply is not what the vendor's API promises: check the base URL, or tell the vendor.",
  ),
  'invalid-tool-arguments': row('vendor', false, 'Try again or choose a model that follows tool schemas better.'),
  unknown: row('vendor', false, 'Read the message; if it does not help, tell the vendor.'),
} as const

function row<Actor extends AIErrorActor, Retryable extends boolean>(
  actor: Actor,
  retryable: Retryable,
  remedy: string,
) {
  return { actor, retryable, remedy }
}
