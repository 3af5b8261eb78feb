package ai.llmd.epp.sidecar.upstream;

import java.util.Locale;

/** What a model server is asked for. */
public enum LegStage {
  PREFILL,
  DECODE,
  ENCODE,
  /** Asked for the ids of its engines. */
  BOOTSTRAP;

  /** For metrics and logs. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
