package ai.llmd.epp.cli.doctor;

import java.util.ArrayList;
import java.util.List;

/** Looks at flags and configuration as an experienced operator would. */
public final class Doctor {

  private static final List<Check> CHECKS =
      List.of(
          new WeightChecks(),
          new AffinityChecks(),
          new UnusedPluginChecks(),
          new BlockSizeChecks(),
          new CacheTruthChecks(),
          new FreshnessChecks(),
          new MemoryChecks(),
          new ReplicaChecks(),
          new OperationChecks());

  private Doctor() {}

  /** Everything that is unwise, beginning with what the configuration itself warns of. */
  public static List<Remark> examine(Examined examined) {
    List<Remark> remarks = new ArrayList<>();
    for (String warning : examined.configuration().warnings()) {
      remarks.add(
          new Remark(
              "configuration",
              warning,
              "the picker logs this at every start",
              "docs/operations.md#what-a-configuration-comes-to"));
    }
    CHECKS.forEach(check -> remarks.addAll(check.look(examined)));
    return remarks;
  }

  /** The remarks for a terminal, and how many they are. */
  public static String report(List<Remark> remarks) {
    if (remarks.isEmpty()) {
      return "the configuration is valid, and nothing about it is unwise\n";
    }
    StringBuilder text = new StringBuilder();
    for (Remark remark : remarks) {
      text.append(remark.where()).append(": ").append(remark.what()).append('\n');
      text.append("    why: ").append(remark.why()).append('\n');
      text.append("    see: ").append(remark.page()).append('\n');
    }
    return text.append("the configuration is valid; remarks: ").append(remarks.size()) + "\n";
  }
}
