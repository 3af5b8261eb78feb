package ai.llmd.epp.adapter.extproc.body.sglang;

import ai.llmd.epp.adapter.extproc.body.FieldReader;
import ai.llmd.epp.adapter.extproc.body.JsonBody;
import ai.llmd.epp.adapter.extproc.body.PathSuffix;
import ai.llmd.epp.adapter.extproc.body.Protocols;
import ai.llmd.epp.application.parsing.ModelRenaming;
import ai.llmd.epp.application.parsing.ParseOutcome;
import ai.llmd.epp.application.parsing.ParseOutcome.Malformed;
import ai.llmd.epp.application.parsing.ParseOutcome.Parsed;
import ai.llmd.epp.application.parsing.ParsedBody;
import ai.llmd.epp.application.parsing.RequestParser;
import ai.llmd.epp.application.parsing.UsageReader;
import ai.llmd.epp.domain.catalogue.NoParameters;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.request.ApiKind;
import ai.llmd.epp.domain.request.RequestHeaders;
import ai.llmd.epp.json.JsonScanner;
import java.util.List;

/**
 * Reads SGLang's own generate API; of its prompts only token ids, one prompt to a request. The
 * reference was recorded refusing batches, texts and every path but {@code /generate}.
 */
public final class SglangHttpParser implements RequestParser {

  public static final PluginType<NoParameters> TYPE =
      PluginType.of("sglanghttp-parser", SglangHttpParser::new);

  @Override
  public List<String> pathSuffixes() {
    return List.of("generate");
  }

  @Override
  public boolean ownsEveryPrefix() {
    return true;
  }

  @Override
  public List<String> protocols() {
    return Protocols.H2C_AND_HTTP;
  }

  @Override
  public boolean canRewriteModel() {
    return false;
  }

  @Override
  public ParseOutcome parse(String path, RequestHeaders headers, byte[] body, int length) {
    String trimmed = PathSuffix.trimmed(path);
    if (!trimmed.equals("generate") && !trimmed.equals("/generate")) {
      return new Malformed("unsupported path: " + trimmed);
    }
    JsonScanner json = JsonBody.scanner(body, length);
    SglangGenerate generate = new SglangGenerate(new FieldReader(json));
    String error = JsonBody.read(json, "sglanghttp.sgLangGenerateWire", generate);
    String malformed = error != null ? "invalid generate request: " + error : generate.malformed();
    if (malformed != null) {
      return new Malformed(malformed);
    }
    return new Parsed(
        new ParsedBody(
            ApiKind.GENERATE,
            "",
            generate.isStreaming(),
            generate.outputTokenCap(),
            generate.prompts(),
            generate.cacheSalt(),
            ModelRenaming.NONE,
            false));
  }

  @Override
  public UsageReader usageReader(boolean isEventStream) {
    return isEventStream ? SglangUsage.ofStream() : new SglangUsage();
  }
}
