package ai.llmd.epp.application;

/** How a plugin's exception is shown in a decision that goes on without the plugin. */
final class Failures {

  private Failures() {}

  /** The kind of failure only: a message might quote what the plugin was reading, the prompt. */
  static String reason(RuntimeException failure) {
    return "failed with " + failure.getClass().getSimpleName();
  }
}
