package ai.llmd.epp.adapter.extproc.body.openai;

import ai.llmd.epp.adapter.extproc.body.BodyText;
import ai.llmd.epp.adapter.extproc.body.Envelope;
import ai.llmd.epp.adapter.extproc.body.FieldReader;
import ai.llmd.epp.adapter.extproc.body.JsonBody;
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
import ai.llmd.epp.domain.request.RequestHeaders;
import ai.llmd.epp.json.JsonKind;
import ai.llmd.epp.json.JsonScanner;
import java.util.Arrays;
import java.util.List;

/**
 * Reads the OpenAI family: chat completions, completions, embeddings, responses, conversations and
 * image generations, the API being taken from the path.
 */
public final class OpenAiParser implements RequestParser {

  public static final PluginType<NoParameters> TYPE =
      PluginType.of("openai-parser", OpenAiParser::new);

  private static final List<String> SUFFIXES =
      Arrays.stream(OpenAiApi.values()).flatMap(api -> api.suffixes().stream()).toList();

  @Override
  public List<String> pathSuffixes() {
    return SUFFIXES;
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
    OpenAiApi api = OpenAiApi.ofPath(path);
    JsonScanner json = JsonBody.scanner(body, length);
    Reading reading = new Reading(api, body, json);
    int bodyStart = json.position();
    boolean isObject = json.kind() == JsonKind.OBJECT;
    String error = JsonBody.read(json, JsonBody.GENERIC, reading);
    if (error != null) {
      return new Malformed("error unmarshaling request bodyMap: " + error);
    }
    if (!isObject || !reading.view.isComplete()) {
      return new Malformed(api.incomplete());
    }
    String model = reading.envelope.model();
    boolean hasPlaceForModel = api != OpenAiApi.CONVERSATIONS || !model.isEmpty();
    return new Parsed(
        new ParsedBody(
            api.kind(),
            model,
            reading.envelope.isStreaming(),
            reading.envelope.outputTokenCap(),
            hasPlaceForModel ? reading.view.prompts() : List.of(),
            reading.cacheSalt.name(),
            hasPlaceForModel ? reading.envelope.modelRenaming(body, bodyStart) : ModelRenaming.NONE,
            false,
            reading.view.stored()));
  }

  @Override
  public UsageReader usageReader(boolean isEventStream) {
    return isEventStream ? OpenAiUsage.ofStream() : new OpenAiUsage();
  }

  /** One body while it is being read. */
  private static final class Reading implements JsonBody.Members {

    private final Envelope envelope;
    private final ApiView view;
    private final FieldReader fields;
    private final boolean hasCacheSalt;
    private BodyText cacheSalt = BodyText.EMPTY;

    Reading(OpenAiApi api, byte[] body, JsonScanner json) {
      this.envelope = new Envelope(api.capKeys());
      this.view = api.viewOf(body);
      this.fields = new FieldReader(json);
      this.hasCacheSalt = api != OpenAiApi.IMAGES;
    }

    @Override
    public boolean read(JsonScanner json) {
      if (hasCacheSalt && json.keyFoldsTo("cache_salt")) {
        cacheSalt = fields.text(cacheSalt);
        return true;
      }
      return envelope.read(json) || view.read(fields);
    }
  }
}
