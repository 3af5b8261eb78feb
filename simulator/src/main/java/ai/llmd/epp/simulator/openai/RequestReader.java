package ai.llmd.epp.simulator.openai;

import java.io.InputStream;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/** Reads the body of a request for completions. Unknown fields are skipped, as vLLM does. */
public final class RequestReader {

  private final JsonFactory json;

  /**
   * @param maxBodyBytes longest string that can occur
   */
  public RequestReader(int maxBodyBytes) {
    this.json =
        JsonFactory.builder()
            .streamReadConstraints(
                StreamReadConstraints.builder().maxStringLength(maxBodyBytes).build())
            .build();
  }

  /**
   * Reads and checks a body.
   *
   * @throws InvalidRequestException when it is no JSON or not a request of this kind
   */
  public CompletionRequest read(Api api, InputStream body) {
    try (JsonParser parser = json.createParser(ObjectReadContext.empty(), body)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new InvalidRequestException("The body is not a JSON object.");
      }
      return new Draft(api).read(parser);
    } catch (JacksonException malformed) {
      // the parser's own message may quote the body
      throw new InvalidRequestException("The body is not valid JSON.");
    }
  }

  /** The fields seen so far. */
  private static final class Draft {
    private final Api api;
    private String model = "";
    private List<TokenPrompt> prompts = List.of();
    private int answers = 1;
    private int maxTokens;
    private int maxCompletionTokens;
    private boolean ignoresEos;
    private boolean streams;
    private boolean includesUsage;
    private final TransferReader transfer = new TransferReader();
    private double cacheHitThreshold;

    Draft(Api api) {
      this.api = api;
    }

    CompletionRequest read(JsonParser parser) {
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String field = parser.currentName();
        JsonToken value = parser.nextToken();
        if (value != JsonToken.VALUE_NULL) {
          readField(field, parser);
        }
      }
      return new CompletionRequest(
          api,
          model,
          prompts,
          answers,
          maxCompletionTokens > 0 ? maxCompletionTokens : maxTokens,
          ignoresEos,
          streams,
          includesUsage,
          cacheHitThreshold,
          transfer.read());
    }

    private void readField(String field, JsonParser parser) {
      switch (field) {
        case "model" -> model = Fields.text(parser, field);
        case "messages" -> prompts = isFor(Api.CHAT) ? PromptReader.chat(parser) : skip(parser);
        case "prompt" ->
            prompts = isFor(Api.COMPLETIONS) ? PromptReader.prompts(parser) : skip(parser);
        case "token_ids" ->
            prompts = isFor(Api.GENERATE) ? PromptReader.tokenIds(parser) : skip(parser);
        case "sampling_params", "extra_args" -> readNested(parser);
        case "n" -> answers = Fields.integer(parser, field);
        case "max_tokens" -> maxTokens = Fields.positive(parser, field);
        case "max_completion_tokens" -> maxCompletionTokens = Fields.positive(parser, field);
        case "ignore_eos" -> ignoresEos = Fields.flag(parser, field);
        case "stream" -> streams = Fields.flag(parser, field);
        case "stream_options" ->
            Fields.each(
                parser,
                field,
                option -> {
                  if (option.equals("include_usage")) {
                    includesUsage = Fields.flag(parser, option);
                  } else {
                    parser.skipChildren();
                  }
                });
        case "kv_transfer_params" -> transfer.readParameters(parser);
        case "cache_hit_threshold" -> cacheHitThreshold = Fields.number(parser, field);
        default -> {
          if (!transfer.readBootstrap(field, parser)) {
            parser.skipChildren();
          }
        }
      }
    }

    /** The generate API has its parameters one and two levels further down. */
    private void readNested(JsonParser parser) {
      if (api != Api.GENERATE) {
        parser.skipChildren();
        return;
      }
      Fields.each(parser, "sampling_params", field -> readField(field, parser));
    }

    private boolean isFor(Api owner) {
      return api == owner;
    }

    private List<TokenPrompt> skip(JsonParser parser) {
      parser.skipChildren();
      return prompts;
    }
  }
}
