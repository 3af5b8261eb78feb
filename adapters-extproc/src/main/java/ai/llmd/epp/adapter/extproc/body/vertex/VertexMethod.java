package ai.llmd.epp.adapter.extproc.body.vertex;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A method of {@code PredictionService} whose requests are read, and what its body stands for. */
enum VertexMethod {
  CHAT_COMPLETIONS("ChatCompletions", "/chat/completions"),
  STREAM_RAW_PREDICT("StreamRawPredict", "/responses"),
  RAW_PREDICT("RawPredict", "/responses");

  private final String method;
  private final String innerPath;

  VertexMethod(String method, String innerPath) {
    this.method = method;
    this.innerPath = innerPath;
  }

  static List<String> suffixes() {
    return Stream.of(values()).map(VertexMethod::suffix).toList();
  }

  /** The method of a path, or null for one that is not known. */
  static @Nullable VertexMethod ofPath(String path) {
    for (VertexMethod method : values()) {
      if (path.endsWith(method.suffix())) {
        return method;
      }
    }
    return null;
  }

  private String suffix() {
    return "PredictionService/" + method;
  }

  /** Path at which the body would be sent without gRPC. */
  String innerPath() {
    return innerPath;
  }

  /** Name of the request's message. */
  String message() {
    return method + "Request";
  }
}
