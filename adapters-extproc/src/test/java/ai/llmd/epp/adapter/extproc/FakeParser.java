package ai.llmd.epp.adapter.extproc;

import ai.llmd.epp.adapter.extproc.body.ParserChoice;
import ai.llmd.epp.application.parsing.BodyEdits;
import ai.llmd.epp.application.parsing.ModelRenaming;
import ai.llmd.epp.application.parsing.ParseOutcome;
import ai.llmd.epp.application.parsing.ParsedBody;
import ai.llmd.epp.application.parsing.RequestParser;
import ai.llmd.epp.application.parsing.UsageReader;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.request.ApiKind;
import ai.llmd.epp.domain.request.RequestHeaders;
import ai.llmd.epp.domain.routing.Usage;
import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Understands as much of the APIs as conversations need: slow, with a tree, and simple. */
public final class FakeParser implements RequestParser {

  private static final JsonMapper JSON = new JsonMapper();

  /** Reads JSON on the paths of the APIs and takes anything elsewhere. */
  public static final ParserLookup ALL =
      path -> isApi(path) ? named(new FakeParser(true)) : named(new FakeParser(false));

  /** Reads JSON, and only on the paths of the APIs. */
  public static final ParserLookup OPENAI_ONLY = path -> isApi(path) ? ALL.find(path) : null;

  private final boolean readsJson;

  private FakeParser(boolean readsJson) {
    this.readsJson = readsJson;
  }

  private static boolean isApi(String path) {
    return path.endsWith("completions") || path.endsWith("count_tokens");
  }

  private static ParserChoice named(FakeParser parser) {
    return new ParserChoice(new Named<>("fake", "fake-parser", parser), false, null);
  }

  public static UnaryOperator<ByteString> renaming(String served, String asked) {
    return bytes -> {
      String text = bytes.toStringUtf8();
      String tight = "\"model\":\"" + served + "\"";
      String loose = "\"model\": \"" + served + "\"";
      String renamed =
          text.contains(tight)
              ? text.replace(tight, "\"model\":\"" + asked + "\"")
              : text.replace(loose, "\"model\": \"" + asked + "\"");
      return renamed.equals(text) ? bytes : ByteString.copyFromUtf8(renamed);
    };
  }

  @Override
  public List<String> pathSuffixes() {
    return readsJson ? List.of("completions", "count_tokens") : List.of();
  }

  @Override
  public List<String> protocols() {
    return List.of();
  }

  @Override
  public boolean canRewriteModel() {
    return readsJson;
  }

  @Override
  public ParseOutcome parse(String path, RequestHeaders headers, byte[] body, int length) {
    if (!readsJson) {
      return parsed("", false, ModelRenaming.NONE, false);
    }
    JsonNode json;
    try {
      json = JSON.readTree(body, 0, length);
    } catch (JacksonException e) {
      return new ParseOutcome.Malformed("error unmarshaling request bodyMap: not JSON");
    }
    if (json.isMissingNode()) {
      return new ParseOutcome.Malformed("error unmarshaling request bodyMap: nothing");
    }
    if (path.endsWith("/v1/completions") && !json.has("prompt")) {
      return new ParseOutcome.Malformed("invalid completions request: must have prompt field");
    }
    return parsed(
        json.path("model").asString(""),
        json.path("stream").asBoolean(false),
        model -> withModel(body, length, model),
        path.endsWith("count_tokens"));
  }

  private static ParseOutcome parsed(
      String model, boolean isStreaming, ModelRenaming renaming, boolean skipsResponse) {
    return new ParseOutcome.Parsed(
        new ParsedBody(
            ApiKind.COMPLETIONS, model, isStreaming, -1, List.of(), "", renaming, skipsResponse));
  }

  private static BodyEdits withModel(byte[] body, int length, String model) {
    ObjectNode json = (ObjectNode) JSON.readTree(body, 0, length);
    byte[] renamed = json.put("model", model).toString().getBytes(StandardCharsets.UTF_8);
    return new BodyEdits(new int[] {0, length}, 1, renamed);
  }

  @Override
  public UsageReader usageReader(boolean isEventStream) {
    return readsJson ? new FakeUsageReader(isEventStream) : UsageReader.NONE;
  }

  private static final class FakeUsageReader implements UsageReader {

    private final boolean isEventStream;
    private long events;

    FakeUsageReader(boolean isEventStream) {
      this.isEventStream = isEventStream;
    }

    @Override
    public @Nullable Usage read(byte[] bytes, int start, int end) {
      String chunk = new String(bytes, start, end - start, StandardCharsets.UTF_8);
      return isEventStream ? readEvents(chunk) : usage(chunk);
    }

    private @Nullable Usage readEvents(String chunk) {
      Usage found = null;
      for (String line : chunk.split("\n", -1)) {
        if (line.startsWith("data: ") && !line.equals("data: [DONE]")) {
          events++;
          Usage reported = usage(line.substring("data: ".length()));
          found = found == null ? reported : found;
        }
      }
      return found;
    }

    private static @Nullable Usage usage(String text) {
      try {
        JsonNode usage = JSON.readTree(text).path("usage");
        return usage.isObject()
            ? new Usage(
                usage.path("prompt_tokens").asLong(0),
                usage.path("completion_tokens").asLong(0),
                usage.path("total_tokens").asLong(0),
                usage.path("prompt_tokens_details").path("cached_tokens").asLong(-1))
            : null;
      } catch (JacksonException e) {
        return null;
      }
    }

    @Override
    public long streamedEvents() {
      return events;
    }
  }
}
