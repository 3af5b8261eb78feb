package ai.llmd.epp.acceptance.replay;

import ai.llmd.epp.domain.golden.GoldenFiles;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** The requests of {@code approx_prefix_hashes.json}; our copy comes from adapters-extproc. */
final class RecordedPrefixes {

  private RecordedPrefixes() {}

  static Stream<JsonNode> cases() {
    return GoldenFiles.read(RecordedPrefixes.class, "approx_prefix_hashes.json")
        .get("cases")
        .valueStream();
  }
}
