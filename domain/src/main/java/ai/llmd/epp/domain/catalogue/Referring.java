package ai.llmd.epp.domain.catalogue;

import java.util.List;

/**
 * Parameters that name other plugin instances. Those are built first, whatever the order of their
 * declaration; a name that stands for nothing or for another kind of plugin stops the start.
 */
public interface Referring {

  /** Every instance that is named; an empty name is refused like one that stands for nothing. */
  List<Reference> references();

  /**
   * One instance that is named.
   *
   * @param field where the parameters name it, such as {@code deciders.prefill}
   * @param name name of the instance
   * @param kind what the instance has to be
   * @param kindName the kind with its article, as in {@code a decider}
   */
  record Reference(String field, String name, Class<? extends Plugin> kind, String kindName) {}
}
