package ai.llmd.epp.adapter.extproc.body;

import ai.llmd.epp.application.parsing.ModelRenaming;
import ai.llmd.epp.application.parsing.ParseOutcome;
import ai.llmd.epp.application.parsing.ParsedBody;
import ai.llmd.epp.application.parsing.RequestParser;
import ai.llmd.epp.application.parsing.UsageReader;
import ai.llmd.epp.domain.catalogue.NoParameters;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.request.ApiKind;
import ai.llmd.epp.domain.request.RequestHeaders;
import java.util.List;

/** Takes any body as it is: routed without being understood. */
public final class PassthroughParser implements RequestParser {

  public static final PluginType<NoParameters> TYPE =
      PluginType.of("passthrough-parser", PassthroughParser::new);

  private static final ParseOutcome RAW = raw(false);

  /** What is known of an opaque body. */
  public static ParseOutcome raw(boolean skipsResponse) {
    return new ParseOutcome.Parsed(
        new ParsedBody(
            ApiKind.NONE, "", false, -1, List.of(), "", ModelRenaming.NONE, skipsResponse));
  }

  @Override
  public List<String> pathSuffixes() {
    return List.of();
  }

  @Override
  public List<String> protocols() {
    return List.of();
  }

  @Override
  public boolean canRewriteModel() {
    return false;
  }

  @Override
  public ParseOutcome parse(String path, RequestHeaders headers, byte[] body, int length) {
    return RAW;
  }

  @Override
  public UsageReader usageReader(boolean isEventStream) {
    return UsageReader.NONE;
  }
}
