package ai.llmd.epp.domain.routing;

/**
 * Tokens that a model server accounted for a request, merged over its response so far.
 *
 * @param cachedTokens prompt tokens that came from the prefix cache; -1 when not reported
 */
public record Usage(long promptTokens, long completionTokens, long totalTokens, long cachedTokens) {

  public static final Usage NONE = new Usage(0, 0, 0, -1);

  /**
   * This usage overlaid by what a later chunk reported: non-zero counts overwrite, cached tokens
   * overwrite when reported, the total is the chunk's own when it carried all three numbers and the
   * sum of the merged ones otherwise.
   */
  public Usage merge(Usage later) {
    long prompt = later.promptTokens != 0 ? later.promptTokens : promptTokens;
    long completion = later.completionTokens != 0 ? later.completionTokens : completionTokens;
    boolean complete =
        later.promptTokens != 0 && later.completionTokens != 0 && later.totalTokens != 0;
    return new Usage(
        prompt,
        completion,
        complete ? later.totalTokens : prompt + completion,
        later.cachedTokens >= 0 ? later.cachedTokens : cachedTokens);
  }
}
