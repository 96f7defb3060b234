/** The items of lists that come one after the other, each by itself. */
export async function* flatten<T>(lists: AsyncIterable<readonly T[]>): AsyncGenerator<T> {
  for await (const list of lists) for (const item of list) yield item
}
