package ai.llmd.epp.domain.catalogue;

import ai.llmd.epp.domain.facts.FactKey;
import java.util.Set;

/**
 * Something that configuration can name. What it does is defined by the further interfaces it
 * implements: a filter, a scorer, a picker, a producer, a parser, a data source … or several.
 */
public interface Plugin {

  /** Facts without which the plugin makes no sense; a missing producer stops the start. */
  default Set<FactKey<?>> requires() {
    return Set.of();
  }

  /** Facts that the plugin uses when a plugin produces them. */
  default Set<FactKey<?>> uses() {
    return Set.of();
  }

  /** Facts that the plugin puts. */
  default Set<FactKey<?>> produces() {
    return Set.of();
  }
}
