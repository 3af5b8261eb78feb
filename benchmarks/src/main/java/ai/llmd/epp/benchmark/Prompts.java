package ai.llmd.epp.benchmark;

import ai.llmd.epp.adapter.extproc.body.openai.OpenAiParser;
import ai.llmd.epp.application.parsing.ParseOutcome.Parsed;
import ai.llmd.epp.application.producer.TokenProducer;
import ai.llmd.epp.domain.facts.TokenizedPrompt;
import ai.llmd.epp.domain.prefix.BlockHasher;
import ai.llmd.epp.domain.prefix.PrefixBlocks;
import ai.llmd.epp.domain.request.ApiKind;
import ai.llmd.epp.domain.request.InferenceRequest;
import ai.llmd.epp.domain.request.Prompt;
import ai.llmd.epp.domain.request.ReceivedBody;
import ai.llmd.epp.domain.request.ReceivedRequest;
import ai.llmd.epp.domain.request.RoutingHints;
import java.util.List;
import java.util.Objects;

/** Requests as they are known after the scan. */
final class Prompts {

  static final int BLOCK_TOKENS = 64;

  private static final TokenProducer TOKENS = new TokenProducer(TokenProducer.Parameters.DEFAULT);

  private Prompts() {}

  static InferenceRequest request(byte[] body) {
    Parsed parsed =
        (Parsed) new OpenAiParser().parse("/v1/chat/completions", name -> null, body, body.length);
    return request(parsed.body().prompts(), body.length);
  }

  private static InferenceRequest request(List<Prompt> prompts, int bytes) {
    return new InferenceRequest(
        new ReceivedRequest(
            "request-1",
            name -> null,
            new ReceivedBody(ApiKind.CHAT_COMPLETIONS, "m", true, true, -1, prompts, "", bytes),
            RoutingHints.NONE),
        "m",
        0,
        "");
  }

  static TokenizedPrompt tokens(InferenceRequest request) {
    return Objects.requireNonNull(TOKENS.tokenize(request));
  }

  static PrefixBlocks blocks(TokenizedPrompt prompt) {
    return BlockHasher.hash(prompt, "m", BLOCK_TOKENS, Integer.MAX_VALUE, 0);
  }
}
