package ai.llmd.epp.cli.doctor;

import ai.llmd.epp.configuration.plugin.BuiltPlugin;
import ai.llmd.epp.yaml.RecordTree;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Prompts cut into other blocks than those that the model servers keep. */
final class BlockSizeChecks implements Check {

  private static final String PAGE = "docs/compatibility.md#prefix-cache-and-token-estimate";
  private static final Set<String> FIELDS = Set.of("blockSize", "blockSizeTokens");

  @Override
  public List<Remark> look(Examined examined) {
    Map<Integer, Set<String>> endpointsBySize = new TreeMap<>();
    for (ReportedBlocks one : examined.reported()) {
      if (one.tokens() > 0) {
        endpointsBySize.computeIfAbsent(one.tokens(), size -> new TreeSet<>()).add(one.endpoint());
      }
    }
    List<Remark> remarks = new ArrayList<>();
    if (endpointsBySize.size() > 1) {
      remarks.add(
          new Remark(
              "model servers",
              "they report KV-cache blocks of different sizes: " + sizes(endpointsBySize),
              "a prompt is cut once for all of them, so matches on some are counted too high or too"
                  + " low; give all the same --block-size",
              PAGE));
    }
    for (BuiltPlugin built : examined.configuration().built()) {
      Map<String, ?> parameters = RecordTree.of(built.parameters());
      boolean followsServers = Boolean.TRUE.equals(parameters.get("autoTune"));
      if (!followsServers) {
        compare(built.name(), sizesIn(parameters), endpointsBySize, remarks);
      }
    }
    return remarks;
  }

  private static String sizes(Map<Integer, Set<String>> endpointsBySize) {
    List<String> parts = new ArrayList<>();
    endpointsBySize.forEach(
        (size, endpoints) -> parts.add(size + " tokens (" + EndpointNames.first(endpoints) + ")"));
    return String.join(", ", parts);
  }

  /** Block sizes anywhere in the parameters; 0 is none. */
  private static Set<Integer> sizesIn(Map<?, ?> parameters) {
    Set<Integer> sizes = new TreeSet<>();
    parameters.forEach(
        (field, value) -> {
          if (value instanceof Map<?, ?> nested) {
            sizes.addAll(sizesIn(nested));
          } else if (FIELDS.contains(String.valueOf(field))
              && value instanceof Number size
              && size.intValue() > 0) {
            sizes.add(size.intValue());
          }
        });
    return sizes;
  }

  private static void compare(
      String plugin,
      Set<Integer> configured,
      Map<Integer, Set<String>> endpointsBySize,
      List<Remark> remarks) {
    for (int size : configured) {
      endpointsBySize.forEach(
          (reported, endpoints) -> {
            if (size % reported != 0) {
              remarks.add(
                  new Remark(
                      "plugin \"" + plugin + '"',
                      "blocks of %d tokens, while %s report %d"
                          .formatted(size, EndpointNames.first(endpoints), reported),
                      "a cached block is found only where both cut the prompt in the same places;"
                          + " take the servers' size or a multiple of it",
                      PAGE));
            }
          });
    }
  }
}
