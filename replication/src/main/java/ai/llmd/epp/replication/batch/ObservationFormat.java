package ai.llmd.epp.replication.batch;

import ai.llmd.epp.domain.latency.LatencyObservation;
import ai.llmd.epp.domain.latency.LatencyObservation.Kind;
import ai.llmd.epp.domain.latency.LatencyRow;
import ai.llmd.epp.domain.latency.StampedObservation;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** How long a request took, behind the endpoint of an entry, see {@link BatchKind}. */
final class ObservationFormat {

  private ObservationFormat() {}

  /** Whether a reader would take it: it has no number that is none. */
  static boolean isReadable(StampedObservation stamped) {
    LatencyObservation observation = stamped.observation();
    LatencyRow row = observation.row();
    return stamped.number() >= 0
        && observation.millis() > 0
        && isWithin(observation.millis(), BatchKind.MAX_MILLIS)
        && row.inputTokens() >= 0
        && row.tokensInFlight() >= 0
        && row.runningRequests() >= 0
        && row.waitingRequests() >= 0
        && row.encoderInputSize() >= 0
        && row.encoderMatchedSize() >= 0
        && isWithin(row.kvCachePercentage(), 1)
        && isWithin(row.prefixCacheScore(), 1)
        && isWithin(row.computingMillis(), BatchKind.MAX_MILLIS);
  }

  static void write(StampedObservation stamped, ByteBuffer out) {
    LatencyObservation observation = stamped.observation();
    LatencyRow row = observation.row();
    out.put(
            switch (observation.kind()) {
              case FIRST_TOKEN -> BatchKind.OBSERVED_FIRST_TOKEN;
              case WHOLE_ANSWER -> BatchKind.OBSERVED_WHOLE_ANSWER;
              case FURTHER_TOKENS -> BatchKind.OBSERVED_FURTHER_TOKENS;
            })
        .putLong(stamped.writer())
        .putLong(stamped.number())
        .putDouble(observation.millis())
        .putLong(row.inputTokens())
        .putLong(row.tokensInFlight())
        .putLong(row.runningRequests())
        .putInt(row.waitingRequests())
        .putInt(row.encoderInputSize())
        .putInt(row.encoderMatchedSize())
        .putFloat((float) row.kvCachePercentage())
        .putFloat((float) row.prefixCacheScore())
        .putFloat((float) row.computingMillis());
  }

  /** Null for an observation of a kind of versions to come. */
  static @Nullable StampedObservation read(ByteBuffer in) throws MalformedBatchException {
    Kind kind = kind(in.get());
    long writer = in.getLong();
    long number = in.getLong();
    double millis = within("a time", in.getDouble(), BatchKind.MAX_MILLIS);
    LatencyRow row = row(in, kind);
    if (number < 0 || millis == 0) {
      throw new MalformedBatchException("observation %d of %s ms".formatted(number, millis));
    }
    return kind == null
        ? null
        : new StampedObservation(writer, number, new LatencyObservation(kind, row, millis));
  }

  private static @Nullable Kind kind(byte kind) {
    return switch (kind) {
      case BatchKind.OBSERVED_FIRST_TOKEN -> Kind.FIRST_TOKEN;
      case BatchKind.OBSERVED_WHOLE_ANSWER -> Kind.WHOLE_ANSWER;
      case BatchKind.OBSERVED_FURTHER_TOKENS -> Kind.FURTHER_TOKENS;
      default -> null;
    };
  }

  private static LatencyRow row(ByteBuffer in, @Nullable Kind kind) throws MalformedBatchException {
    long input = count(in.getLong());
    long inFlight = count(in.getLong());
    long running = count(in.getLong());
    int waiting = (int) count(in.getInt());
    int encoderInput = (int) count(in.getInt());
    int encoderMatched = (int) count(in.getInt());
    return new LatencyRow(
        within("a share of a cache", in.getFloat(), 1),
        input,
        waiting,
        running,
        kind == Kind.FURTHER_TOKENS ? 0 : 1,
        within("a share of a prompt", in.getFloat(), 1),
        encoderInput,
        encoderMatched,
        "",
        inFlight,
        within("a time", in.getFloat(), BatchKind.MAX_MILLIS));
  }

  private static long count(long count) throws MalformedBatchException {
    if (count < 0) {
      throw new MalformedBatchException("a count is " + count);
    }
    return count;
  }

  private static double within(String what, double value, double most)
      throws MalformedBatchException {
    if (!isWithin(value, most)) {
      throw new MalformedBatchException("%s is %s".formatted(what, value));
    }
    return value;
  }

  private static boolean isWithin(double value, double most) {
    return value >= 0 && value <= most;
  }
}
