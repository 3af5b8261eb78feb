package ai.llmd.epp.adapter.extproc.body.anthropic;

import ai.llmd.epp.adapter.extproc.body.Envelope;
import ai.llmd.epp.adapter.extproc.body.FieldReader;
import ai.llmd.epp.adapter.extproc.body.JsonBody;
import ai.llmd.epp.adapter.extproc.body.PassthroughParser;
import ai.llmd.epp.adapter.extproc.body.PathSuffix;
import ai.llmd.epp.adapter.extproc.body.Protocols;
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

/** Reads Anthropic's messages API. Requests that only count tokens are passed on unread. */
public final class AnthropicParser implements RequestParser {

  public static final PluginType<NoParameters> TYPE =
      PluginType.of("anthropic-parser", AnthropicParser::new);

  private static final String SUFFIX = "messages";
  private static final String COUNT_TOKENS_SUFFIX = "messages/count_tokens";
  private static final ParseOutcome COUNT_TOKENS = PassthroughParser.raw(true);

  @Override
  public List<String> pathSuffixes() {
    return List.of(SUFFIX, COUNT_TOKENS_SUFFIX);
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
    if (PathSuffix.matchesSegments(path, COUNT_TOKENS_SUFFIX)) {
      return COUNT_TOKENS;
    }
    if (!PathSuffix.matchesSegments(path, SUFFIX)) {
      return new Malformed("unsupported API endpoint: " + path);
    }
    JsonScanner json = JsonBody.scanner(body, length);
    int bodyStart = json.position();
    Envelope envelope = new Envelope(List.of("max_tokens"));
    AnthropicMessages messages = new AnthropicMessages(body, new FieldReader(json));
    String error =
        JsonBody.read(
            json, JsonBody.GENERIC, members -> envelope.read(members) || messages.read(members));
    if (error != null) {
      return new Malformed("error unmarshaling request body: " + error);
    }
    String malformed = messages.malformed();
    if (malformed != null) {
      return new Malformed(malformed);
    }
    return new Parsed(
        new ParsedBody(
            ApiKind.MESSAGES,
            envelope.model(),
            envelope.isStreaming(),
            envelope.outputTokenCap(),
            messages.prompts(),
            messages.cacheSalt(),
            envelope.modelRenaming(body, bodyStart),
            false));
  }

  @Override
  public UsageReader usageReader(boolean isEventStream) {
    return isEventStream ? AnthropicUsage.ofStream() : new AnthropicUsage();
  }
}
