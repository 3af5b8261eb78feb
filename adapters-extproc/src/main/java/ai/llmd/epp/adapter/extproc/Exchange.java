package ai.llmd.epp.adapter.extproc;

import ai.llmd.epp.adapter.extproc.body.ChunkBytes;
import ai.llmd.epp.adapter.extproc.body.openai.AnswerIdReader;
import ai.llmd.epp.application.parsing.RequestParser;
import ai.llmd.epp.application.parsing.UsageReader;
import ai.llmd.epp.application.port.out.ExchangeObserver.RoutedExchange;
import ai.llmd.epp.application.port.out.RequestTrace;
import ai.llmd.epp.domain.routing.FlowEvidence;
import ai.llmd.epp.domain.routing.RequestLabels;
import ai.llmd.epp.domain.routing.ResponseHead;
import ai.llmd.epp.domain.routing.ResponseSummary;
import ai.llmd.epp.domain.routing.RoutingDecision.Route;
import ai.llmd.epp.domain.routing.Termination;
import ai.llmd.epp.domain.routing.Usage;
import com.google.protobuf.ByteString;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One exchange from its route to its end: reports each step once to the use case and the meters, in
 * order, and adds up what the response reports. Holds nothing of the request's body. A response
 * whose request this stream has not seen is an exchange without a route. One stream's thread.
 */
final class Exchange {

  private static final String SERVER_ERROR = "ModelServerError";
  private static final UnaryOperator<ByteString> AS_IT_IS = UnaryOperator.identity();

  private final ExtProcParts parts;
  private final @Nullable Route route;
  private final RequestLabels labels;
  private final @Nullable RequestParser parser;
  private final boolean asksForStream;
  private final long arrivedAtNanos;
  private RoutedExchange meters = RoutedExchange.NONE;
  private RequestTrace trace = RequestTrace.NONE;

  private final ChunkBytes chunk = new ChunkBytes();
  private @Nullable ReadPiece ahead;
  private UsageReader usageReader = UsageReader.NONE;
  private boolean looksForId;
  private @Nullable AnswerIdReader idReader; // until the id is known
  private UnaryOperator<ByteString> renaming = AS_IT_IS;
  private boolean isStreaming;
  private Usage usage = Usage.NONE;
  private boolean isUsageReported;
  private long responseBytes;
  private long firstByteNanos = -1;
  private long lastChunkAtNanos;
  private boolean hasFirstBytes;
  private boolean hasEnded;
  private boolean isClosed;

  /**
   * @param parser reads the response's usage; null when no parser does
   * @param asksForStream whether the request asked for a streamed response
   */
  Exchange(
      ExtProcParts parts,
      @Nullable Route route,
      RequestLabels labels,
      @Nullable RequestParser parser,
      boolean asksForStream,
      long arrivedAtNanos) {
    this.parts = parts;
    this.route = route;
    this.labels = labels;
    this.parser = parser;
    this.asksForStream = asksForStream;
    this.arrivedAtNanos = arrivedAtNanos;
  }

  RequestLabels labels() {
    return labels;
  }

  void countWith(RoutedExchange newMeters) {
    meters = newMeters;
  }

  void traceWith(RequestTrace newTrace) {
    trace = newTrace;
  }

  /** The model server may keep its answer: under which id is of interest. */
  void lookForId() {
    looksForId = true;
  }

  /** The model server answered with an error. */
  void serverFailed() {
    parts.observer().failed(labels, SERVER_ERROR);
    trace.failed(SERVER_ERROR, "");
  }

  void running() {
    meters.running();
  }

  /** Whether another model is served than the client named, if it named one. */
  static boolean isRenamed(RequestLabels labels) {
    String served = labels.targetModel();
    return !served.isEmpty() && !served.equals(labels.incomingModel());
  }

  /** The response's headers have come; decides how its body is read. */
  void headers(ResponseHead head, boolean isEventStream) {
    isStreaming = asksForStream || isEventStream;
    if (parser != null) {
      usageReader = parser.usageReader(isEventStream);
    }
    if (looksForId) {
      idReader = new AnswerIdReader(usageReader, isEventStream);
      usageReader = idReader;
    }
    if (isRenamed(labels) && !labels.incomingModel().isEmpty()) {
      renaming = parts.modelNames().between(labels.targetModel(), labels.incomingModel());
    }
    if (route != null) {
      parts.follower().headers(route, head);
    }
  }

  /** How long flow control had the request wait, in milliseconds; -1 when it did not handle it. */
  long queuedMillis() {
    FlowEvidence flow = route == null ? null : route.evidence().flow();
    return flow == null ? -1 : flow.waitedMillis();
  }

  boolean isStreaming() {
    return isStreaming;
  }

  /** Bytes of the response have come, at this time. */
  void received(ByteString bytes, long nowNanos) {
    if (bytes.isEmpty()) {
      return;
    }
    if (responseBytes == 0) {
      firstByteNanos = nowNanos - arrivedAtNanos;
      firstBytes();
    } else if (isStreaming) {
      meters.chunkGap(nowNanos - lastChunkAtNanos);
    }
    responseBytes += bytes.size();
    lastChunkAtNanos = nowNanos;
  }

  /** The model server has begun to answer. */
  void firstBytes() {
    if (!hasFirstBytes && route != null) {
      hasFirstBytes = true;
      parts.follower().firstBytes(route);
    }
  }

  /** Reads the usage of a chunk of a stream, or of a whole body. */
  void readUsage(ByteString bytes) {
    if (ahead != null && ahead.isOf(bytes)) {
      add(ahead.usage().orElse(null));
      return;
    }
    if (bytes.isEmpty()) {
      return;
    }
    chunk.open(bytes);
    Usage reported = usageReader.read(chunk.array(), chunk.start(), chunk.end());
    chunk.close();
    add(reported);
  }

  /**
   * Gives away what reads the usage of a whole body, for another thread; to be used once. The
   * exchange may end meanwhile.
   */
  Function<ByteString, Optional<Usage>> giveUsageReader() {
    UsageReader reader = usageReader;
    usageReader = UsageReader.NONE;
    return body -> {
      ChunkBytes bytes = new ChunkBytes();
      bytes.open(body);
      Usage reported = reader.read(bytes.array(), bytes.start(), bytes.end());
      Usage rest = reader.finish();
      return Stream.of(reported, rest).filter(Objects::nonNull).reduce(Usage::merge);
    };
  }

  /** Takes what was read by the reader that was given away. */
  void reported(Optional<Usage> whole) {
    add(whole.orElse(null));
  }

  private void add(@Nullable Usage reported) {
    if (idReader != null && idReader.id() != null && route != null) {
      parts.follower().identified(route, Objects.requireNonNull(idReader.id()));
      idReader = null;
    }
    if (reported != null) {
      usage = usage.merge(reported);
      isUsageReported = true;
    }
  }

  /** The bytes as the client shall see them; the very bytes when nothing in them changes. */
  ByteString renamed(ByteString bytes) {
    return ahead != null && ahead.isOf(bytes) ? ahead.forClient() : renaming.apply(bytes);
  }

  /** Whether the response's bytes change on their way to the client. */
  @SuppressWarnings("ReferenceEquality") // the one constant, not its like
  boolean isRenaming() {
    return renaming != AS_IT_IS;
  }

  /**
   * A piece of a response that was read ahead of its turn.
   *
   * @param forClient as the client shall see it
   * @param reader goes on with the next piece
   */
  record ReadPiece(
      ByteString piece, ByteString forClient, Optional<Usage> usage, UsageReader reader) {

    @SuppressWarnings("ReferenceEquality") // this very piece
    boolean isOf(ByteString bytes) {
      return piece == bytes;
    }
  }

  /**
   * Reads a piece on another thread, for {@link #setAhead}; the exchange may end meanwhile, and
   * then without what the piece reports.
   *
   * @param hasUsage whether the usage of a stream is to be read in it
   */
  Supplier<ReadPiece> readerOf(ByteString piece, boolean hasUsage) {
    UsageReader reader = usageReader;
    usageReader = UsageReader.NONE;
    return () -> {
      Usage reported = null;
      if (hasUsage) {
        ChunkBytes bytes = new ChunkBytes();
        bytes.open(piece);
        reported = reader.read(bytes.array(), bytes.start(), bytes.end());
      }
      return new ReadPiece(piece, renaming.apply(piece), Optional.ofNullable(reported), reader);
    };
  }

  /** The piece whose turn it is was read; nothing of it has to be read again. */
  void setAhead(ReadPiece read) {
    ahead = read;
    usageReader = read.reader();
  }

  /** The next piece was not read ahead. */
  void clearAhead() {
    ahead = null;
  }

  /**
   * The exchange is over; only the first such call counts.
   *
   * @return metadata for the gateway
   */
  Map<String, Map<String, Object>> end(Termination termination) {
    if (hasEnded) {
      return Map.of();
    }
    hasEnded = true;
    add(usageReader.finish());
    if (isUsageReported) {
      meters.usage(usage);
    }
    ResponseSummary summary = summary(termination);
    trace.responded(summary);
    if (termination == Termination.NATURAL) {
      meters.completed(summary, trace.recordedIds());
    }
    return route == null ? Map.of() : parts.follower().ended(route, summary);
  }

  boolean hasEnded() {
    return hasEnded;
  }

  private ResponseSummary summary(Termination termination) {
    boolean isTimed = route != null; // an unseen request has no arrival time
    return new ResponseSummary(
        termination,
        usage,
        isStreaming,
        responseBytes,
        usageReader.streamedEvents(),
        isTimed ? firstByteNanos : -1,
        isTimed ? parts.nanoClock().getAsLong() - arrivedAtNanos : 0);
  }

  /** The stream is over; only the first such call counts. */
  void close(long responseProcessingNanos) {
    if (!isClosed) {
      isClosed = true;
      meters.ended(responseProcessingNanos);
    }
  }
}
