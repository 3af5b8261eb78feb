package ai.llmd.epp.adapter.kvevents;

/** Whose events these are: the two write the same fields and differ in what may be nil. */
public enum EngineType {
  VLLM,
  SGLANG;

  /**
   * The type of a configuration; empty is vLLM.
   *
   * @throws IllegalArgumentException for any other name than {@code vllm} and {@code sglang}
   */
  public static EngineType named(String name) {
    return switch (name) {
      case "", "vllm" -> VLLM;
      case "sglang" -> SGLANG;
      default -> throw new IllegalArgumentException("must be vllm or sglang, was " + name);
    };
  }
}
