package ai.llmd.epp.adapter.extproc;

import ai.llmd.epp.adapter.extproc.BodyModes.ForRequest;
import ai.llmd.epp.adapter.extproc.BodyModes.ForResponse;
import ai.llmd.epp.adapter.extproc.body.PassthroughParser;
import ai.llmd.epp.adapter.extproc.memory.BodyBuffer;
import ai.llmd.epp.adapter.extproc.message.Answers;
import ai.llmd.epp.adapter.extproc.message.ExtProcResponse;
import ai.llmd.epp.application.parsing.ModelRenaming;
import ai.llmd.epp.application.parsing.ParsedBody;
import ai.llmd.epp.application.parsing.RequestParser;
import ai.llmd.epp.domain.request.ApiKind;
import com.google.protobuf.ByteString;
import io.grpc.stub.StreamObserver;
import java.util.List;

/**
 * The client's half of a connection that has become a tunnel, such as a WebSocket: bytes pass as
 * they come, in no frame that the picker knows of. One stream's thread.
 */
final class Tunnel {

  /** Reads nothing, as of a body on a path that no parser knows. */
  static final RequestParser PARSER = new PassthroughParser();

  /**
   * What is known of a tunnel.
   *
   * @param model named in the query, as by clients of {@code /v1/realtime}; empty when none is
   */
  static ParsedBody unread(String model) {
    return new ParsedBody(ApiKind.NONE, model, true, -1, List.of(), "", ModelRenaming.NONE, false);
  }

  private final StreamObserver<ExtProcResponse> envoy;
  private final BodyModes modes;
  private final BodyBuffer kept;
  private boolean hasEnded; // with what was kept

  /**
   * @param modes as Envoy declared them for bodies
   * @param kept for what comes before it is decided where the tunnel leads
   */
  Tunnel(StreamObserver<ExtProcResponse> envoy, BodyModes modes, BodyBuffer kept) {
    this.envoy = envoy;
    this.modes = modes;
    this.kept = kept;
  }

  /** Whether Envoy has to be asked not to collect the bytes. */
  boolean hidesBodies() {
    return !modes.ofTunnel().equals(modes);
  }

  ForResponse response() {
    return modes.ofTunnel().response();
  }

  /** Bytes of the client go on to the model server. */
  void bytes(ByteString piece, boolean endsStream) {
    if (modes.request() == ForRequest.DUPLEX) {
      Answers.sendRequestBody(envoy, piece, endsStream);
    } else {
      envoy.onNext(Answers.REQUEST_BODY_UNCHANGED);
    }
  }

  /** Keeps bytes until it is decided where the tunnel leads. */
  BodyBuffer.Added keep(ByteString piece, boolean endsStream) {
    hasEnded |= endsStream;
    return kept.add(piece);
  }

  /** The route is on its way; what was kept follows it. */
  void sendKept() {
    kept.forEach(piece -> bytes(piece, false));
    if (hasEnded) {
      bytes(ByteString.EMPTY, true);
    }
  }
}
