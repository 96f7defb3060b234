/** Who must act before the call can succeed. `nobody`: wait, then try again. */
export type AIErrorActor = 'flow-author' | 'admin' | 'vendor' | 'nobody'

/** What went wrong. Codes are stable; messages may change. */
export type AIErrorCode = keyof typeof ERRORS

/**
 * Defaults of each error code: who must act, whether the same call may succeed later, and what to do.
 */
export const ERRORS = {
  'invalid-request': row('flow-author', false, 'Change the parameter that the message names.'),
  'context-length': row('flow-author', false, 'Shorten the prompt or choose a model with a larger context window.'),
  'content-filter': row('flow-author', false, "Rephrase the prompt: the vendor's content filter rejected it."),
  'model-not-found': row(
    'flow-author',
    false,
    'Choose another model, or ask an admin whether the key has access to this one.',
  ),
  'too-large': row('flow-author', false, 'Send a smaller request: this one is larger than the vendor accepts.'),
  refused: row('flow-author', false, 'Rephrase the prompt: the model refused to answer.'),
  truncated: row('flow-author', false, 'Raise maxTokens, or ask for a shorter answer.'),
  'invalid-object': row('flow-author', false, 'Simplify the schema, or choose a model that follows schemas better.'),
  'unknown-provider': row('flow-author', false, 'Choose one of the providers that the message lists.'),
  unsupported: row('flow-author', false, 'Choose a provider or a model that has this capability.'),
  'engine-token': row(
    'admin',
    false,
    'Run the step again: its engine token is missing, expired or not valid for this server.',
  ),
  authentication: row('admin', false, "Enter a valid API key in the provider's connection."),
  permission: row('admin', false, "In the vendor's console, grant the key the permission that the message names."),
  'out-of-credit': row('admin', false, "Add credit or raise the spending limit in the vendor's console."),
  'not-configured': row('admin', false, 'Connect the provider in the admin console.'),
  'not-found': row('admin', false, "Check the base URL of the provider's connection."),
  'limit-reached': row('admin', false, "Raise the project's budget or limit, or wait until it resets."),
  unreachable: row(
    'admin',
    true,
    "Check the base URL of the connection and that the server can reach the vendor's host.",
  ),
  'rate-limit': row('nobody', true, 'Wait and try again: too many requests.'),
  overloaded: row('nobody', true, 'Wait and try again: the vendor is overloaded.'),
  timeout: row('nobody', true, 'Try again, or ask for a shorter answer.'),
  conflict: row('nobody', true, 'Try again.'),
  interrupted: row('nobody', true, 'Try again: the connection ended before the response was complete.'),
  aborted: row('nobody', false, 'The call was cancelled.'),
  'server-error': row('vendor', true, "Try again later. If the problem persists, check the vendor's status page."),
  'invalid-reply': row(
    'vendor',
    false,
    "The response does not match the vendor's API: check the base URL, or report it to the vendor.",
  ),
  'invalid-tool-arguments': row('vendor', false, 'Try again, or choose a model that follows tool schemas better.'),
  unknown: row('vendor', false, 'Read the message. If it does not help, contact the vendor.'),
} as const

function row<Actor extends AIErrorActor, Retryable extends boolean>(
  actor: Actor,
  retryable: Retryable,
  remedy: string,
) {
  return { actor, retryable, remedy }
}
