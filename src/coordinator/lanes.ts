/**
 * Runs `work` on every item, at most `lanes` at a time, and gives the results in item order. After a failure nothing new
 * is begun; what runs is waited for, and the failure of the earliest item is thrown, whatever came first by the clock.
 */
export async function inLanes<I, O>(
  lanes: number,
  items: readonly I[],
  work: (item: I, index: number) => Promise<O>,
): Promise<O[]> {
  const results: O[] = Array.from({ length: items.length });
  const failures = new Map<number, unknown>();
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < items.length && failures.size === 0) {
      const index = next++;
      try {
        results[index] = await work(items[index]!, index);
      } catch (error) {
        failures.set(index, error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(lanes, items.length) }, lane));
  if (failures.size > 0) throw failures.get(Math.min(...failures.keys()));
  return results;
}
