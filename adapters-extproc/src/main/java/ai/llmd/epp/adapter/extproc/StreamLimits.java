package ai.llmd.epp.adapter.extproc;

/**
 * How much the conversations may hold. A request beyond a limit is rejected (413, 431, 503), except
 * for responses: one that is too large to be held is passed on as it comes, without its usage.
 *
 * @param requestBytes most bytes of one request body, 1 to about 2^31
 * @param responseBytes most bytes of one response that are held back to read its usage
 * @param bufferedBytes most bytes held at once over all streams, requests and responses, counted at
 *     what they take up in memory
 * @param streams most streams at once
 * @param headers most headers of one request; of a response with more, none is set again
 */
public record StreamLimits(
    int requestBytes, int responseBytes, long bufferedBytes, int streams, int headers) {

  /** 64 MiB each way, 1 GiB together, 100 000 streams, 1 000 headers. */
  public static final StreamLimits DEFAULT =
      new StreamLimits(64 << 20, 64 << 20, 1L << 30, 100_000, 1_000);

  /** No body can be larger, in bytes. */
  public static final int LARGEST_ARRAY = Integer.MAX_VALUE - 8;

  public StreamLimits {
    requireWithin("requestBytes", requestBytes, LARGEST_ARRAY);
    requireWithin("responseBytes", responseBytes, LARGEST_ARRAY);
    requireWithin("bufferedBytes", bufferedBytes, Long.MAX_VALUE);
    requireWithin("streams", streams, Integer.MAX_VALUE);
    requireWithin("headers", headers, Integer.MAX_VALUE);
  }

  private static void requireWithin(String name, long value, long most) {
    if (value < 1 || value > most) {
      throw new IllegalArgumentException(name + " must be within 1 and " + most + ", was " + value);
    }
  }
}
