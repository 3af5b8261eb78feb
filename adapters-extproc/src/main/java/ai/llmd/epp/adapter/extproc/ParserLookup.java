package ai.llmd.epp.adapter.extproc;

import ai.llmd.epp.adapter.extproc.body.ParserChoice;
import org.jspecify.annotations.Nullable;

/** Finds the parser for a request. Any thread. */
@FunctionalInterface
public interface ParserLookup {

  /**
   * The parser that claims the path, otherwise the fallback.
   *
   * @param path without query
   * @return null when there is neither
   */
  @Nullable ParserChoice find(String path);
}
