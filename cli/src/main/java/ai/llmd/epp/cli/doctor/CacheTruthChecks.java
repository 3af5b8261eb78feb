package ai.llmd.epp.cli.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Caches that a running picker predicts otherwise than model servers report them. */
final class CacheTruthChecks implements Check {

  private static final String PAGE = "docs/precise-prefix.md#whether-predictions-are-true";

  @Override
  public List<Remark> look(Examined examined) {
    Map<String, Set<String>> endpointsByCause = new TreeMap<>();
    for (ReportedDisagreement one : examined.disagreements()) {
      endpointsByCause.computeIfAbsent(one.cause(), cause -> new TreeSet<>()).add(one.endpoint());
    }
    List<Remark> remarks = new ArrayList<>();
    endpointsByCause.forEach(
        (cause, names) ->
            remarks.add(
                new Remark(
                    "model servers",
                    "cached tokens of %s are not as predicted"
                        .formatted(EndpointNames.first(names)),
                    advice(cause),
                    PAGE)));
    return remarks;
  }

  private static String advice(String cause) {
    return switch (cause) {
      case "template" ->
          "prompts of chats have other tokens there (template): give the renderer the servers' chat"
              + " template and its arguments";
      case "tokens" ->
          "prompts have other tokens there (tokens): give the renderer the servers' tokenizer and"
              + " version";
      case "block_size" ->
          "their blocks are no multiple of blockSizeTokens (block_size): set it to their"
              + " --block-size, or to a divisor";
      case "hashes" ->
          "what they announce is never matched (hashes): their events name another model or adapter"
              + " than requests do";
      case "stale" ->
          "they have less than they announced (stale): removals or a restart got lost; give them a"
              + " replay endpoint";
      case "incomplete" ->
          "they have more than they announced here (incomplete): events got lost; give them a"
              + " replay endpoint with a longer buffer";
      default -> "more than half of the latest responses differ, for no known cause";
    };
  }
}
