package ai.llmd.epp.adapter.extproc.body.vertex;

import ai.llmd.epp.adapter.extproc.body.PassthroughParser;
import ai.llmd.epp.adapter.extproc.body.Protocols;
import ai.llmd.epp.adapter.extproc.body.grpc.FramedUsage;
import ai.llmd.epp.adapter.extproc.body.grpc.GrpcFrame;
import ai.llmd.epp.adapter.extproc.body.openai.OpenAiParser;
import ai.llmd.epp.application.parsing.ModelRenaming;
import ai.llmd.epp.application.parsing.ParseOutcome;
import ai.llmd.epp.application.parsing.ParseOutcome.Malformed;
import ai.llmd.epp.application.parsing.ParseOutcome.Parsed;
import ai.llmd.epp.application.parsing.ParsedBody;
import ai.llmd.epp.application.parsing.RequestParser;
import ai.llmd.epp.application.parsing.UsageReader;
import ai.llmd.epp.domain.catalogue.NoParameters;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.request.RequestHeaders;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads Vertex AI's prediction service: gRPC messages that carry a body of the OpenAI family, which
 * is read as if it had been sent by itself. Methods that it does not know and messages that are
 * compressed are passed on unread.
 */
public final class VertexAiParser implements RequestParser {

  public static final PluginType<NoParameters> TYPE =
      PluginType.of("vertexai-parser", VertexAiParser::new);

  private static final ParseOutcome UNKNOWN_METHOD = PassthroughParser.raw(true);
  private static final ParseOutcome COMPRESSED = PassthroughParser.raw(false);
  private static final ParseOutcome CUT_OFF = unreadable("the message is cut off");

  private final OpenAiParser inner = new OpenAiParser();

  @Override
  public List<String> pathSuffixes() {
    return VertexMethod.suffixes();
  }

  @Override
  public boolean ownsEveryPackage() {
    return true;
  }

  @Override
  public List<String> protocols() {
    return Protocols.H2C;
  }

  @Override
  public boolean canRewriteModel() {
    return false;
  }

  @Override
  public ParseOutcome parse(String path, RequestHeaders headers, byte[] body, int length) {
    VertexMethod method = VertexMethod.ofPath(path);
    if (method == null) {
      return UNKNOWN_METHOD;
    }
    if (GrpcFrame.isCompressed(body, 0, length)) {
      return COMPRESSED;
    }
    GrpcFrame frame = GrpcFrame.first(body, 0, length);
    if (!frame.isWhole()) {
      return CUT_OFF;
    }
    try {
      HttpBodyData data = HttpBodyData.ofRequest(body, frame.start(), frame.end());
      return data == null
          ? new Malformed(method.message() + " has no HttpBody")
          : parse(method, headers, Arrays.copyOfRange(body, data.start(), data.end()));
    } catch (IOException e) { // protobuf reports a malformed message this way
      return unreadable(String.valueOf(e.getMessage()));
    }
  }

  private static Malformed unreadable(String why) {
    return new Malformed("invalid or unsupported gRPC payload: " + why);
  }

  private ParseOutcome parse(VertexMethod method, RequestHeaders headers, byte[] data) {
    return switch (inner.parse(method.innerPath(), headers, data, data.length)) {
      case Parsed(ParsedBody parsed) -> new Parsed(asSent(parsed));
      case Malformed(String error) -> new Malformed("parsing " + method.message() + ": " + error);
    };
  }

  /** The message is forwarded as it is: its model cannot be renamed. */
  private static ParsedBody asSent(ParsedBody parsed) {
    return new ParsedBody(
        parsed.api(),
        parsed.model(),
        parsed.isStreaming(),
        parsed.outputTokenCap(),
        parsed.prompts(),
        parsed.cacheSalt(),
        ModelRenaming.NONE,
        parsed.skipsResponse());
  }

  /** The data of each frame is a whole answer, or a piece of an event stream. */
  @Override
  public UsageReader usageReader(boolean isEventStream) {
    UsageReader whole = inner.usageReader(false);
    UsageReader stream = inner.usageReader(true);
    return new FramedUsage(
        (bytes, start, end) -> {
          HttpBodyData data = data(bytes, start, end);
          if (data == null || data.isEmpty()) {
            return null;
          }
          UsageReader reader = bytes[data.start()] == '{' ? whole : stream;
          return reader.read(bytes, data.start(), data.end());
        });
  }

  private static @Nullable HttpBodyData data(byte[] bytes, int start, int end) {
    try {
      return HttpBodyData.of(bytes, start, end);
    } catch (IOException e) { // no such message
      return null;
    }
  }
}
