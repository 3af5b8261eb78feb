package ai.llmd.epp.adapter.extproc.body.vllm;

import ai.llmd.epp.adapter.extproc.body.Envelope;
import ai.llmd.epp.adapter.extproc.body.FieldReader;
import ai.llmd.epp.adapter.extproc.body.JsonBody;
import ai.llmd.epp.adapter.extproc.body.Protocols;
import ai.llmd.epp.adapter.extproc.body.openai.OpenAiUsage;
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

/** Reads vLLM's own generate API, whose prompts are token ids. */
public final class VllmHttpParser implements RequestParser {

  public static final PluginType<NoParameters> TYPE =
      PluginType.of("vllmhttp-parser", VllmHttpParser::new);

  private static final String SUFFIX = "inference/v1/generate";

  @Override
  public List<String> pathSuffixes() {
    return List.of(SUFFIX);
  }

  @Override
  public List<String> protocols() {
    return Protocols.H2C_AND_HTTP;
  }

  @Override
  public boolean canRewriteModel() {
    return true;
  }

  @Override
  public ParseOutcome parse(String path, RequestHeaders headers, byte[] body, int length) {
    if (!path.endsWith(SUFFIX)) { // unlike the choice of the parser: no trailing slash
      return new Malformed("unsupported path: " + path);
    }
    JsonScanner json = JsonBody.scanner(body, length);
    int bodyStart = json.position();
    Envelope envelope = new Envelope(List.of());
    VllmGenerate generate = new VllmGenerate(new FieldReader(json));
    String error =
        JsonBody.read(
            json, JsonBody.GENERIC, members -> envelope.read(members) || generate.read(members));
    if (error != null) {
      return new Malformed(error);
    }
    String invalid = generate.invalid();
    if (invalid != null) {
      return new Malformed("invalid generate request: " + invalid);
    }
    return new Parsed(
        new ParsedBody(
            ApiKind.GENERATE,
            envelope.model(),
            envelope.isStreaming(),
            generate.outputTokenCap(),
            generate.prompts(),
            generate.cacheSalt(),
            envelope.modelRenaming(body, bodyStart),
            false));
  }

  @Override
  public UsageReader usageReader(boolean isEventStream) {
    return isEventStream ? OpenAiUsage.ofStream() : new OpenAiUsage();
  }
}
