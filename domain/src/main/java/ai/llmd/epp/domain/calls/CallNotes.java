package ai.llmd.epp.domain.calls;

import ai.llmd.epp.domain.catalogue.Named;

/**
 * Notes plugin calls as they end, for evidence and metrics: whoever makes the call hands on what it
 * measured, and nothing is timed twice. The request's thread.
 */
@FunctionalInterface
public interface CallNotes {

  /**
   * A call has ended.
   *
   * @param extensionPoint as in metrics: {@code ProfilePicker} …
   */
  void note(String extensionPoint, Named<?> plugin, Called<?> called);
}
