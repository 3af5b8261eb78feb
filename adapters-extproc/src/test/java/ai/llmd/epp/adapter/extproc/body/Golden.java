package ai.llmd.epp.adapter.extproc.body;

import ai.llmd.epp.domain.golden.GoldenFiles;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Cases recorded from the reference. */
public final class Golden {

  public static final JsonMapper JSON = JsonMapper.shared();

  private Golden() {}

  /** The cases of one section of a file. */
  public static Stream<JsonNode> cases(String file, String section) {
    return GoldenFiles.read(Golden.class, file).get(section).valueStream();
  }
}
