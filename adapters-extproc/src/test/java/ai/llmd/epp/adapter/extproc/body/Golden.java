package ai.llmd.epp.adapter.extproc.body;

import ai.llmd.epp.domain.golden.GoldenFiles;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Cases recorded from the reference. */
final class Golden {

  static final JsonMapper JSON = JsonMapper.shared();

  private Golden() {}

  /** The cases of one section of a file. */
  static Stream<JsonNode> cases(String file, String section) {
    return GoldenFiles.read(Golden.class, file).get(section).valueStream();
  }
}
