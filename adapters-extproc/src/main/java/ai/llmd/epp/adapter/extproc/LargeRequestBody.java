package ai.llmd.epp.adapter.extproc;

import ai.llmd.epp.adapter.extproc.memory.BodyBuffer;
import ai.llmd.epp.adapter.extproc.memory.BodyReading;
import ai.llmd.epp.application.port.in.Routing;
import ai.llmd.epp.domain.routing.RoutingDecision.Route;
import com.google.protobuf.ByteString;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What is done beside the event loop for a request whose body is {@linkplain BodyBuffer#isLarge()
 * large}: it is read and routed, and edited for its route, each of which takes longer than other
 * streams may wait. One stream's thread.
 */
final class LargeRequestBody {

  /** What came of the body. */
  sealed interface Read {

    /** It cannot be served. */
    record Refused(ErrorResponse answer) implements Read {}

    /** It was routed, or has to wait for that. */
    record Routed(AskedRoute asked, Routing routing) implements Read {}
  }

  private final ExtProcParts parts;
  private final Executor streamExecutor;
  private final Executor beside;
  private final LateRoutes lateRoutes;
  private @Nullable BodyReading<?> reading;
  private @Nullable Route unsent; // while the body is being edited for it

  /**
   * @param streamExecutor runs what comes later on this stream's thread
   * @param beside runs what takes long on another
   */
  LargeRequestBody(
      ExtProcParts parts, Executor streamExecutor, Executor beside, LateRoutes lateRoutes) {
    this.parts = parts;
    this.streamExecutor = streamExecutor;
    this.beside = beside;
    this.lateRoutes = lateRoutes;
  }

  /**
   * Begins to read and route it.
   *
   * @param metadata of the message that the body came with
   * @param endsStream whether the body's end is the request's end
   * @param onStream takes the outcome and the body
   */
  void route(
      RequestHead head,
      Metadata metadata,
      BodyBuffer body,
      boolean endsStream,
      Consumer<BodyReading.Outcome<Read>> onStream) {
    BodyReading<Read> whole =
        new BodyReading<>(
            () -> read(head, metadata, body, endsStream),
            body,
            streamExecutor,
            outcome -> {
              reading = null;
              onStream.accept(outcome);
            },
            this::release);
    reading = whole;
    whole.begin(beside);
  }

  private Read read(RequestHead head, Metadata metadata, BodyBuffer body, boolean endsStream) {
    ByteString whole = body.joined();
    if (whole == null) {
      return new Read.Refused(ErrorResponse.noRoomForBody());
    }
    return switch (RequestReader.read(parts, head, metadata, whole, endsStream)) {
      case RequestReader.Refused(ErrorResponse answer) -> new Read.Refused(answer);
      case AskedRoute asked -> new Read.Routed(asked, parts.router().route(asked.request()));
    };
  }

  private void release(Read late) {
    if (late instanceof Read.Routed(AskedRoute _, Routing routing)) {
      lateRoutes.release(routing);
    }
  }

  /**
   * Begins to edit it for its route, which is not sent before that is done.
   *
   * @param onStream takes the edited body and the one that came
   */
  void edit(
      Route route,
      AskedRoute asked,
      BodyBuffer body,
      Consumer<BodyReading.Outcome<ByteString>> onStream) {
    unsent = route;
    BodyReading<ByteString> editing =
        new BodyReading<>(
            () -> asked.bodyFor(route, parts.propagatesPriority()),
            body,
            streamExecutor,
            outcome -> {
              reading = null;
              if (outcome.read() != null) {
                unsent = null;
              }
              onStream.accept(outcome);
            },
            _ -> {});
    reading = editing;
    editing.begin(beside);
  }

  /** The stream waits for none of it any more; a route that was not sent is released. */
  void abandon() {
    if (reading != null) {
      reading.abandon();
      reading = null;
    }
    if (unsent != null) {
      lateRoutes.release(unsent);
      unsent = null;
    }
  }
}
