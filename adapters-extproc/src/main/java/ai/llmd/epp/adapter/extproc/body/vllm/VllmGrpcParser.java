package ai.llmd.epp.adapter.extproc.body.vllm;

import ai.llmd.epp.adapter.extproc.body.PassthroughParser;
import ai.llmd.epp.adapter.extproc.body.Protocols;
import ai.llmd.epp.adapter.extproc.body.grpc.FramedUsage;
import ai.llmd.epp.adapter.extproc.body.grpc.GrpcFrame;
import ai.llmd.epp.application.parsing.ParseOutcome;
import ai.llmd.epp.application.parsing.ParseOutcome.Malformed;
import ai.llmd.epp.application.parsing.RequestParser;
import ai.llmd.epp.application.parsing.UsageReader;
import ai.llmd.epp.domain.catalogue.NoParameters;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.request.RequestHeaders;
import java.io.IOException;
import java.util.List;

/**
 * Reads vLLM's gRPC service; methods that it does not know and messages that are compressed are
 * passed on unread.
 */
public final class VllmGrpcParser implements RequestParser {

  public static final PluginType<NoParameters> TYPE =
      PluginType.of("vllmgrpc-parser", VllmGrpcParser::new);

  private static final ParseOutcome UNKNOWN_METHOD = PassthroughParser.raw(true);
  private static final ParseOutcome COMPRESSED = PassthroughParser.raw(false);
  private static final ParseOutcome UNREADABLE =
      new Malformed("invalid or unsupported gRPC payload");

  @Override
  public List<String> pathSuffixes() {
    return List.of("vllm.grpc.engine.VllmEngine/Generate", "vllm.grpc.engine.VllmEngine/Embed");
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
    boolean isGenerate = path.endsWith("VllmEngine/Generate");
    if (!isGenerate && !path.endsWith("VllmEngine/Embed")) {
      return UNKNOWN_METHOD;
    }
    if (GrpcFrame.isCompressed(body, 0, length)) {
      return COMPRESSED;
    }
    GrpcFrame frame = GrpcFrame.first(body, 0, length);
    if (!frame.isWhole()) {
      return UNREADABLE;
    }
    try {
      VllmGrpcRequest request = new VllmGrpcRequest(body, frame);
      return isGenerate ? request.readGenerate() : request.readEmbed();
    } catch (IOException e) { // protobuf reports a malformed message this way
      return UNREADABLE;
    }
  }

  @Override
  public UsageReader usageReader(boolean isEventStream) {
    return new FramedUsage(VllmGrpcUsage::read);
  }
}
