package ai.llmd.epp.simulator;

import java.util.List;
import picocli.CommandLine.Option;

/**
 * Flags of vLLM and of the reference simulator that change nothing here, accepted so that existing
 * manifests start.
 */
@SuppressWarnings("unused") // that is what they are for
final class IgnoredFlags {

  @Option(
      names = {
        "--enable-prefix-caching",
        "--no-enable-prefix-caching",
        "--enforce-eager",
        "--no-enforce-eager",
        "--force-dummy-tokenizer"
      },
      arity = "0..1",
      fallbackValue = "true",
      hidden = true)
  private List<Boolean> switches = List.of();

  @Option(
      names = {
        "--tensor-parallel-size",
        "--ec-transfer-config",
        "--no-ec-transfer-config",
        "--mm-processor-kwargs",
        "--no-mm-processor-kwargs",
        "--max-cpu-loras"
      },
      hidden = true)
  private List<String> values = List.of();
}
