package ai.llmd.epp.adapter.telemetry.series;

import java.util.Arrays;
import java.util.stream.DoubleStream;

/** Upper bounds of the contract's histograms; dashboards and alerts name them. */
@SuppressWarnings("MutablePublicArray") // the metrics library takes arrays; nothing writes to them
public final class Buckets {

  /** Seconds of a whole request. */
  public static final double[] LATENCY = {
    0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45,
    60, 120, 180, 240, 300, 360, 480, 600, 900, 1200, 1800, 2700, 3600
  };

  /** Seconds to the first token. */
  public static final double[] FIRST_TOKEN = Arrays.copyOf(LATENCY, 24);

  /** Seconds per output token of a streamed response. */
  public static final double[] PER_TOKEN = {
    0.0005, 0.00205, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.125, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6,
    0.8, 1, 2
  };

  /** Seconds between two chunks. */
  public static final double[] CHUNK_GAP = {
    0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1, 2
  };

  /** Seconds of a look-up: the metrics library's usual ones. */
  public static final double[] LOOKUP = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};

  /** Bytes of a request: the powers of two from 64 B to 1 GiB. */
  public static final double[] REQUEST_BYTES =
      DoubleStream.iterate(64, x -> 2 * x).limit(25).toArray();

  /** Bytes of a response; 32778 is the reference's own number. */
  public static final double[] RESPONSE_BYTES = {
    1, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32778, 65536
  };

  /** Tokens of a prompt. */
  public static final double[] INPUT_TOKENS =
      DoubleStream.concat(
              Arrays.stream(RESPONSE_BYTES), DoubleStream.of(131072, 262144, 524288, 1048576))
          .toArray();

  /** Tokens of an answer. */
  public static final double[] OUTPUT_TOKENS = Arrays.copyOf(RESPONSE_BYTES, 12);

  /** Seconds of a request, shared out over its output tokens. */
  public static final double[] NORMALIZED_PER_TOKEN = {
    0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10
  };

  /** Seconds of a plugin call or of a scheduling call. */
  public static final double[] FAST = {
    0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1
  };

  /** Seconds since a value was read. */
  public static final double[] SAMPLE_AGE = {
    0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.5, 1, 2, 5, 10, 60
  };

  /** Seconds in a queue of flow control. */
  public static final double[] QUEUE_WAIT = {
    0.0001, 0.0005, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60
  };

  /** Seconds until an evicted request has ended. */
  public static final double[] CONFIRMATION = {
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10
  };

  /** Seconds of handling a request. */
  public static final double[] REQUEST_PROCESSING = {
    0.0005, 0.001, 0.002, 0.005, 0.01, 0.015, 0.025, 0.04, 0.06, 0.1, 0.25, 0.5, 1, 2.5, 5, 10
  };

  /** Seconds of handling a response. */
  public static final double[] RESPONSE_PROCESSING = {
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5
  };

  /** Seconds of an ext-proc stream. */
  public static final double[] STREAM = {
    0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 120, 300, 600
  };

  /** Seconds from one replica to another. */
  public static final double[] REPLICATION_LAG = {
    0.0005, 0.001, 0.002, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5, 1, 5, 30
  };

  /** A share. */
  public static final double[] RATIO = {0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1};

  /** Bytes of a prompt that were found in a prefix cache. */
  public static final double[] HIT_BYTES = {
    0, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536
  };

  private Buckets() {}
}
