/**
 * Request of Replicate's API to start a prediction of an official model, from its reference. The types of the vendor's
 * client do not describe the input of models.
 *
 * @see https://replicate.com/docs/reference/http#models.predictions.create
 */
export type PredictionRequest = {
  input: { prompt: string; aspect_ratio?: string; [field: string]: unknown }
  stream?: boolean
  webhook?: string
  webhook_events_filter?: ('start' | 'output' | 'logs' | 'completed')[]
}
