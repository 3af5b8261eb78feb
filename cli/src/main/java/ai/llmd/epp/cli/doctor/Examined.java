package ai.llmd.epp.cli.doctor;

import ai.llmd.epp.cli.Options;
import ai.llmd.epp.configuration.EffectiveConfiguration;
import java.util.List;

/**
 * What is looked at.
 *
 * @param heapBytes that the picker will have
 * @param reported by the model servers; none where no running picker was asked
 * @param disagreements that a running picker sees; none where none was asked
 */
public record Examined(
    Options options,
    EffectiveConfiguration configuration,
    long heapBytes,
    List<ReportedBlocks> reported,
    List<ReportedDisagreement> disagreements) {

  public Examined {
    reported = List.copyOf(reported);
    disagreements = List.copyOf(disagreements);
  }
}
