package ai.llmd.epp.adapter.tokenizers;

/** How requests of an API that not every renderer knows are rendered. */
public enum RenderMode {
  /** As the renderer answers a first small request. */
  AUTO("auto"),
  /** By the API's own path. */
  NATIVE("native"),
  /** As a chat completion that the same model would read. */
  LEGACY("legacy");

  private final String configName;

  RenderMode(String configName) {
    this.configName = configName;
  }

  /**
   * The mode of a configuration; empty is {@link #AUTO}.
   *
   * @throws IllegalArgumentException for any other name
   */
  public static RenderMode named(String name) {
    for (RenderMode mode : values()) {
      if (mode.configName.equals(name.isEmpty() ? AUTO.configName : name)) {
        return mode;
      }
    }
    throw new IllegalArgumentException("must be auto, native or legacy, was " + name);
  }
}
