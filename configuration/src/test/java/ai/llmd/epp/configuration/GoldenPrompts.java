package ai.llmd.epp.configuration;

import ai.llmd.epp.domain.facts.TokenizedPrompt;
import ai.llmd.epp.domain.request.ByteSink;
import ai.llmd.epp.domain.request.Prompt;
import ai.llmd.epp.domain.request.PromptPiece;
import ai.llmd.epp.domain.request.PromptPiece.Modality;
import ai.llmd.epp.domain.request.Utf8Text;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** Prompts of which only the lengths and the images are known; every token is 0. */
record GoldenPrompts(JsonNode json) implements TokenizedPrompt {

  private static final Set<String> FIELDS = Set.of("tokenCount", "multiModalItems");

  GoldenPrompts {
    json.forEach(prompt -> GoldenCase.only(prompt, FIELDS));
  }

  @Override
  public int prompts() {
    return json.size();
  }

  @Override
  public int tokens(int prompt) {
    return json.get(prompt).path("tokenCount").asInt(0);
  }

  @Override
  public void writeTokens(int prompt, ByteSink sink) {
    sink.write(new byte[4 * tokens(prompt)], 0, 4 * tokens(prompt));
  }

  @Override
  public String cacheSalt() {
    return "";
  }

  @Override
  public List<Feature> features(int prompt) {
    List<Feature> features = new ArrayList<>();
    for (JsonNode item : json.get(prompt).path("multiModalItems")) {
      features.add(new Feature(modality(item), hash(item), features.size(), 1));
    }
    return features;
  }

  /** The same prompts as a parser would have read them. */
  List<Prompt> asSent() {
    List<Prompt> sent = new ArrayList<>();
    for (int i = 0; i < prompts(); i++) {
      List<PromptPiece> pieces = new ArrayList<>();
      pieces.add(new PromptPiece.TokenIds(new int[tokens(i)]));
      for (Feature feature : features(i)) {
        pieces.add(new PromptPiece.Asset(feature.modality(), Utf8Text.of(feature.hash())));
      }
      sent.add(new Prompt(pieces));
    }
    return sent;
  }

  /** An item is a hash, or an object with one. */
  private static String hash(JsonNode item) {
    return item.isObject() ? item.path("hash").asString("") : item.asString();
  }

  private static Modality modality(JsonNode item) {
    return GoldenFacts.modality(item.path("modality").asString("image"));
  }
}
